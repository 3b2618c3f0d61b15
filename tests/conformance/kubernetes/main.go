// Command kubernetes judges the manifests of an emitted tree with the code that will consume them: the API
// server's strict decoders, create strategies, CRD schemas and CEL; pod-security-admission; kustomize; and
// a check that every reference between objects resolves.
//
//	kubernetes [-judge schema,podsecurity,kustomize,references] TREE
//
// Prints a line "ok JUDGE …" or "FAIL JUDGE …: why" for each thing judged and "note …" for what was taken
// on trust. Exits 1 when anything failed.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Report collects what the judges say.
type Report struct {
	out      io.Writer
	judge    string
	passed   int
	failures int
}

// Say reports one thing judged; no problems means it passed.
func (r *Report) Say(what string, problems ...string) {
	if len(problems) == 0 {
		r.passed++
		fmt.Fprintf(r.out, "ok %s %s\n", r.judge, what)
		return
	}
	r.failures++
	fmt.Fprintf(r.out, "FAIL %s %s: %s\n", r.judge, what, strings.Join(problems, "\n    "))
}

// Note says what was not judged and why.
func (r *Report) Note(format string, args ...any) {
	fmt.Fprintf(r.out, "note %s %s\n", r.judge, fmt.Sprintf(format, args...))
}

var judges = []struct {
	name string
	run  func(*Tree, *Report)
}{
	{"schema", judgeSchemas},
	{"podsecurity", judgePodSecurity},
	{"kustomize", judgeKustomize},
	{"references", judgeReferences},
}

// judgeTree runs the judges named in only, all when it is empty.
func judgeTree(root, only string, out io.Writer) (*Report, error) {
	report := &Report{out: out, judge: "load"}
	tree, err := loadTree(root, report)
	if err != nil {
		return nil, err
	}
	for _, judge := range judges {
		if only == "" || strings.Contains(","+only+",", ","+judge.name+",") {
			report.judge = judge.name
			judge.run(tree, report)
		}
	}
	return report, nil
}

func main() {
	if filepath.Base(os.Args[0]) == "ksops" {
		if err := runKsops(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	only := flag.String("judge", "", "comma-separated judges; all by default")
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	report, err := judgeTree(flag.Arg(0), *only, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if report.failures > 0 {
		os.Exit(1)
	}
}
