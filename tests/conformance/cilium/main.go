// Judges the network policies of an emitted tree with Cilium's own code: every policy decodes strictly, parses
// and sanitises; and for every ordered pair of a matrix (`labc reach --all --format json`), every port that
// anything names, its neighbours and one that nothing uses, Cilium's policy engine lets pass exactly what the
// matrix says.
//
// usage: cilium TREE MATRIX.json
// Exit: 0 all passed, 1 something failed, 2 could not judge.
package main

import (
	"fmt"
	"os"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: cilium TREE MATRIX.json")
		os.Exit(2)
	}
	matrix, err := readMatrix(os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, "cilium:", err)
		os.Exit(2)
	}
	findings, err := judge(os.Args[1], matrix)
	if err != nil {
		fmt.Fprintln(os.Stderr, "cilium:", err)
		os.Exit(2)
	}
	failed := false
	for _, f := range findings {
		fmt.Println(f)
		failed = failed || f.failed()
	}
	if failed {
		os.Exit(1)
	}
}

// finding is one line of the report: what was judged, and why it failed (empty: it did not).
type finding struct{ what, why string }

func (f finding) failed() bool { return f.why != "" }
func (f finding) String() string {
	if f.failed() {
		return "FAIL cilium " + f.what + ": " + f.why
	}
	return "ok cilium " + f.what
}

// judge reads the policies of a tree and compares Cilium's verdicts with those of the matrix.
func judge(tree string, m *matrix) ([]finding, error) {
	configure()
	entries, findings, err := readPolicies(tree)
	if err != nil {
		return nil, err
	}
	for _, f := range findings {
		if f.failed() { // no verdict is worth anything without all policies
			return findings, nil
		}
	}
	differences, lookups, err := compare(entries, m)
	if err != nil {
		return nil, err
	}
	for _, d := range differences {
		findings = append(findings, finding{"verdict", d})
	}
	if len(differences) == 0 {
		findings = append(findings, finding{what: fmt.Sprintf("verdicts: %d ends, %d lookups, no difference", len(m.Identities), lookups)})
	}
	return findings, nil
}
