package main

import (
	"encoding/json"
	"hash/crc32"
	"math/bits"
	"strconv"
	"strings"
)

func init() {
	programs["sha256"] = sha256
	programs["json_encode"] = jsonEncode
	programs["json_decode"] = jsonDecode
	programs["strings"] = lines
	programs["maps_small"] = mapsSmall
	programs["maps_large"] = mapsLarge
}

var cubeRoots = [64]uint32{
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
}

func sha256(n int) result {
	const phrase = "The quick brown fox jumps over the lazy dog; pack my box with fiv"
	data := []byte(strings.Repeat(phrase, n))[:n*64]
	size := uint64(n) * 512
	data = append(data, 0x80)
	data = append(data, make([]byte, 55)...)
	for shift := 56; shift >= 0; shift -= 8 {
		data = append(data, byte(size>>shift))
	}
	state := [8]uint32{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}
	for ; len(data) > 0; data = data[64:] {
		block(&state, data)
	}
	return text(uint64(state[0])<<32 | uint64(state[7]))
}

func block(state *[8]uint32, data []byte) {
	var w [64]uint32
	for i := range w[:16] {
		b := data[i*4:]
		w[i] = uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
	}
	right := func(x uint32, n int) uint32 { return bits.RotateLeft32(x, -n) }
	for i := 16; i < 64; i++ {
		s0 := right(w[i-15], 7) ^ right(w[i-15], 18) ^ w[i-15]>>3
		s1 := right(w[i-2], 17) ^ right(w[i-2], 19) ^ w[i-2]>>10
		w[i] = w[i-16] + s0 + w[i-7] + s1
	}
	a, b, c, d, e, f, g, h := state[0], state[1], state[2], state[3], state[4], state[5], state[6], state[7]
	for i, k := range cubeRoots {
		s1 := right(e, 6) ^ right(e, 11) ^ right(e, 25)
		t1 := h + s1 + (e&f ^ ^e&g) + k + w[i]
		s0 := right(a, 2) ^ right(a, 13) ^ right(a, 22)
		t2 := s0 + (a&b ^ a&c ^ b&c)
		a, b, c, d, e, f, g, h = t1+t2, a, b, c, d+t1, e, f, g
	}
	for i, x := range [8]uint32{a, b, c, d, e, f, g, h} {
		state[i] += x
	}
}

type place struct {
	City string `json:"city"`
	Code int    `json:"code"`
}

type record struct {
	Active bool     `json:"active"`
	Id     int      `json:"id"`
	Name   string   `json:"name"`
	Note   *string  `json:"note"`
	Place  place    `json:"place"`
	Score  float64  `json:"score"`
	Tags   []string `json:"tags"`
}

func document(n int) []record {
	records := make([]record, n)
	for i := range records {
		id := i + 1
		records[i] = record{
			id%3 == 0, id, "user " + strconv.Itoa(id), nil, place{"Zürich", 8000 + id%100},
			float64(id)*2 + 0.25, []string{"alpha", "be\"ta", "line\nbreak"},
		}
	}
	return records
}

func encode(records []record) []byte {
	text, err := json.Marshal(records)
	if err != nil {
		panic(err)
	}
	return text
}

func jsonEncode(n int) result {
	records := document(20)
	total := 0
	for ; n > 0; n-- {
		total = (total*31 + int(crc32.ChecksumIEEE(encode(records)))) & mask
	}
	return sum(total)
}

func jsonDecode(n int) result {
	text := encode(document(20))
	total := 0
	for ; n > 0; n-- {
		var records []record
		if err := json.Unmarshal(text, &records); err != nil {
			panic(err)
		}
		weight := 0
		for _, r := range records {
			weight += r.Id + len(r.Name) + int(r.Score*4)
			for _, tag := range r.Tags {
				weight += len(tag)
			}
		}
		total = (total*31 + weight) & mask
	}
	return sum(total)
}

func lines(n int) result {
	total := 0
	for ; n > 0; n-- {
		line := "  key" + strconv.Itoa(n%1000) + " = some value, another ; and the rest  "
		key, values, _ := strings.Cut(strings.TrimSpace(line), " = ")
		words := strings.FieldsFunc(strings.ToUpper(values), func(r rune) bool { return strings.ContainsRune(" ,;", r) })
		for i, word := range words {
			if len(word) < 8 {
				words[i] = word + strings.Repeat(".", 8-len(word))
			}
		}
		joined := strings.Join(words, "-")
		parts := strings.Split(joined, "-")
		replaced := strings.ReplaceAll(joined, ".", "__")
		total = (total*31 + len(key) + len(parts)*3 + len(replaced)) & mask
	}
	return sum(total)
}

func mapsSmall(n int) result {
	m := map[any]any{"count": 0, "name": "x", "a": 1, "b": 2, "c": 3, "d": 4}
	total := 0
	for ; n > 0; n-- {
		a, b := m["a"].(int), m["b"].(int)
		m["count"], m["a"], m["b"] = m["count"].(int)+1, b, a+1
		m["extra"], m[n&3] = n, "more"
		here := 0
		for _, v := range m {
			if i, ok := v.(int); ok {
				here += i
			} else {
				here++
			}
		}
		more := m[n&3] == "more"
		_, c := m["c"]
		delete(m, "extra")
		here += len(m)
		if more && c {
			here++
		}
		delete(m, n&3)
		total = (total + here) & 0xffffff
	}
	return sum(m["count"].(int) + total)
}

func mapsLarge(n int) result {
	m := map[int]int{}
	for seed, i := 1, n; i > 0; i-- {
		seed = next(seed)
		m[seed] = i
	}
	read := 0
	for seed, i := 1, n; i > 0; i-- {
		seed = next(seed)
		read += m[seed]
	}
	updated := make(map[int]int, len(m))
	for k, v := range m {
		updated[k] = v + 1
	}
	total := 0
	for _, v := range updated {
		total += v
	}
	for seed, i := 1, n; i >= 2; i -= 2 {
		seed = next(seed)
		delete(updated, seed)
	}
	merged := make(map[int]int, len(m))
	for k, v := range m {
		merged[k] = v
	}
	for k, v := range updated {
		merged[k] = v
	}
	return sum((read + total + len(updated)*7 + len(merged)) & mask)
}
