package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/cilium/cilium/pkg/u8proto"
)

// matrix is what `labc reach --all --format json` writes.
type matrix struct {
	Format     string     `json:"format"`
	Enforced   bool       `json:"enforced"`
	Identities []identity `json:"identities"`
	Ports      []uint16   `json:"ports"`
	Pairs      []pair     `json:"pairs"`
}

type identity struct {
	Name      string            `json:"name"`
	Kind      string            `json:"kind"` // pod, entity, address, name
	Namespace string            `json:"namespace"`
	Labels    map[string]string `json:"labels"`
	Address   string            `json:"address"`
}

type pair struct {
	From  string   `json:"from"`
	To    string   `json:"to"`
	Allow []string `json:"allow"` // all, tcp/80, udp/1000-2000
}

func readMatrix(path string) (*matrix, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var m matrix
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, err
	}
	if m.Format != "lab.reach-matrix/1" {
		return nil, fmt.Errorf("%s is no lab.reach-matrix/1", path)
	}
	return &m, nil
}

var protocols = map[string]u8proto.U8proto{"tcp": u8proto.TCP, "udp": u8proto.UDP, "sctp": u8proto.SCTP}

// span is a range of ports of one protocol.
type span struct {
	protocol    u8proto.U8proto
	first, last uint64
}

// spans reads the allowances of a pair.
func spans(allow []string) ([]span, error) {
	var out []span
	for _, text := range allow {
		if text == "all" {
			for _, p := range protocols {
				out = append(out, span{p, 1, 65535})
			}
			continue
		}
		name, numbers, _ := strings.Cut(text, "/")
		first, last, ranged := strings.Cut(numbers, "-")
		if !ranged {
			last = first
		}
		protocol, known := protocols[name]
		from, err1 := strconv.ParseUint(first, 10, 16)
		to, err2 := strconv.ParseUint(last, 10, 16)
		if !known || err1 != nil || err2 != nil {
			return nil, fmt.Errorf("%q is no port", text)
		}
		out = append(out, span{protocol, from, to})
	}
	return out, nil
}

func holds(all []span, protocol u8proto.U8proto, port uint16) bool {
	for _, s := range all {
		if s.protocol == protocol && s.first <= uint64(port) && uint64(port) <= s.last {
			return true
		}
	}
	return false
}

// probes are the ports to ask about: each that something names, its neighbours, and one that nothing uses.
func probes(named []uint16) []uint16 {
	seen := map[uint16]bool{}
	var out []uint16
	add := func(n int) {
		if n >= 1 && n <= 65535 && !seen[uint16(n)] {
			seen[uint16(n)] = true
			out = append(out, uint16(n))
		}
	}
	for _, n := range named {
		for d := -1; d <= 1; d++ {
			add(int(n) + d)
		}
	}
	unused := 61000
	for seen[uint16(unused)] {
		unused++
	}
	add(unused)
	return out
}
