// Verifies an export of the exchange log and the shared vectors with code of others: golang.org/x/mod/sumdb (note, tlog),
// which Go's checksum database rests on, and the Merkle verifier of Google's Certificate Transparency.
//
// Usage: verify EXPORT VKEY-FILE VECTORS
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	ctmerkle "ctmerkle"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func fail(format string, args ...interface{}) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
	os.Exit(1)
}

func check(err error, what string) {
	if err != nil {
		fail("%s: %v", what, err)
	}
}

func read(path string) []byte {
	data, err := os.ReadFile(path)
	check(err, path)
	return data
}

// openCheckpoint verifies the signature and returns origin and tree.
func openCheckpoint(text []byte, vkey string) (string, tlog.Tree) {
	verifier, err := note.NewVerifier(vkey)
	check(err, "verifier key")
	opened, err := note.Open(text, note.VerifierList(verifier))
	check(err, "checkpoint signature")
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err, "checkpoint size")
	root, err := tlog.ParseHash(lines[2])
	check(err, "checkpoint root")
	return lines[0], tlog.Tree{N: size, Hash: root}
}

// files reads tiles of an export; C2SP tlog-tiles leaves the height (always 8) out of the path.
type files struct{ dir string }

func (f files) Height() int { return 8 }
func (f files) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		data, err := os.ReadFile(filepath.Join(f.dir, strings.Replace(tile.Path(), "tile/8/", "tile/", 1)))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}
func (f files) SaveTiles([]tlog.Tile, [][]byte) {}

// entries reads every bundle of an export of `size` entries.
func entries(dir string, size int64) [][]byte {
	var all [][]byte
	for number := int64(0); number*256 < size; number++ {
		width := int64(256)
		if size-number*256 < width {
			width = size - number*256
		}
		path := tlog.Tile{H: 8, L: 0, N: number, W: int(width)}.Path()
		bundle := read(filepath.Join(dir, strings.Replace(path, "tile/8/0/", "tile/entries/", 1)))
		for i := int64(0); i < width; i++ {
			length := int(binary.BigEndian.Uint16(bundle))
			all = append(all, bundle[2:2+length])
			bundle = bundle[2+length:]
		}
		if len(bundle) != 0 {
			fail("bundle %d holds more than its entries", number)
		}
	}
	return all
}

// verifyExport reads the whole log: signature, all tiles, all entries, record and tree proofs.
func verifyExport(dir, vkey string) {
	origin, tree := openCheckpoint(read(filepath.Join(dir, "checkpoint")), vkey)
	reader := tlog.TileHashReader(tree, files{dir}) // refuses tiles that do not lead to the signed root
	root, err := tlog.TreeHash(tree.N, reader)
	check(err, "tree hash")
	if root != tree.Hash {
		fail("the tiles give another root")
	}
	all := entries(dir, tree.N)
	for first := int64(0); first < tree.N; first += 4096 {
		var indexes []int64
		for i := first; i < first+4096 && i < tree.N; i++ {
			indexes = append(indexes, tlog.StoredHashIndex(0, i))
		}
		hashes, err := reader.ReadHashes(indexes)
		check(err, "leaf hashes")
		for i, hash := range hashes {
			if hash != tlog.RecordHash(all[first+int64(i)]) {
				fail("entry %d is not the leaf of the tree", first+int64(i))
			}
		}
	}
	records, trees := 0, 0
	for index := int64(0); index < tree.N; index += 1 + tree.N/500 {
		proof, err := tlog.ProveRecord(tree.N, index, reader)
		check(err, "record proof")
		check(tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(all[index])), "record proof")
		records++
	}
	for size := int64(1); size <= tree.N; size += 1 + tree.N/500 {
		old, err := tlog.TreeHash(size, reader)
		check(err, "old tree")
		proof, err := tlog.ProveTree(tree.N, size, reader)
		check(err, "tree proof")
		check(tlog.CheckTree(proof, tree.N, tree.Hash, size, old), "tree proof")
		trees++
	}
	fmt.Printf("%s: %d entries, every tile and entry, %d record and %d tree proofs\n", origin, tree.N, records, trees)
}

type vectors struct {
	Roots     []string
	Inclusion []struct {
		Index, Size int64
		Proof       []string
	}
	Consistency []struct {
		Old, Size int64
		Proof     []string
	}
	Key   string
	Notes []struct{ What, Note, Reason string }
}

func decode(text string) []byte {
	data, err := base64.StdEncoding.DecodeString(text)
	check(err, "base64")
	return data
}

func proofs(texts []string) (tlog.RecordProof, [][]byte) {
	proof, raw := tlog.RecordProof{}, [][]byte{}
	for _, text := range texts {
		var hash tlog.Hash
		copy(hash[:], decode(text))
		proof, raw = append(proof, hash), append(raw, hash[:])
	}
	return proof, raw
}

// verifyVectors checks the proofs our code makes with both verifiers, and that a turned bit is refused by both.
func verifyVectors(path string) {
	var v vectors
	check(json.Unmarshal(read(path), &v), path)
	root := func(size int64) (hash tlog.Hash) { copy(hash[:], decode(v.Roots[size])); return }
	ct := ctmerkle.NewMerkleVerifier(func(data []byte) []byte { sum := sha256.Sum256(data); return sum[:] })
	for _, one := range v.Inclusion {
		proof, raw := proofs(one.Proof)
		entry := []byte(fmt.Sprintf("entry %d", one.Index))
		want := root(one.Size)
		check(tlog.CheckRecord(proof, one.Size, want, one.Index, tlog.RecordHash(entry)), "inclusion (tlog)")
		check(ct.VerifyInclusionProof(one.Index+1, one.Size, raw, want[:], entry), "inclusion (CT)")
		want[5] ^= 1
		if tlog.CheckRecord(proof, one.Size, want, one.Index, tlog.RecordHash(entry)) == nil ||
			ct.VerifyInclusionProof(one.Index+1, one.Size, raw, want[:], entry) == nil {
			fail("a wrong root was accepted")
		}
	}
	for _, one := range v.Consistency {
		if one.Old == 0 {
			continue // a convention of C2SP, not of RFC 6962
		}
		proof, raw := proofs(one.Proof)
		old, want := root(one.Old), root(one.Size)
		check(tlog.CheckTree(tlog.TreeProof(proof), one.Size, want, one.Old, old), "consistency (tlog)")
		check(ct.VerifyConsistencyProof(one.Old, one.Size, old[:], want[:], raw), "consistency (CT)")
		if one.Old == one.Size {
			continue
		}
		old[7] ^= 1
		if tlog.CheckTree(tlog.TreeProof(proof), one.Size, want, one.Old, old) == nil ||
			ct.VerifyConsistencyProof(one.Old, one.Size, old[:], want[:], raw) == nil {
			fail("a wrong old root was accepted")
		}
	}
	verifier, err := note.NewVerifier(v.Key)
	check(err, "verifier key")
	for _, one := range v.Notes {
		// Cosignatures are not x/mod's to judge; forms of the checkpoint neither.
		if one.Reason != "" && one.Reason != "NOTE_MALFORMED" && !strings.HasPrefix(one.What, "one bit") {
			continue
		}
		opened, err := note.Open([]byte(one.Note), note.VerifierList(verifier))
		if (err == nil) != (one.Reason == "") {
			fail("note %q: %v", one.What, err)
		}
		if err == nil && !bytes.HasPrefix([]byte(one.Note), []byte(opened.Text)) {
			fail("note %q: other text", one.What)
		}
	}
	fmt.Printf("vectors: %d inclusion and %d consistency proofs by two verifiers, notes by x/mod\n", len(v.Inclusion), len(v.Consistency))
}

func main() {
	if len(os.Args) != 4 {
		fail("usage: verify EXPORT VKEY-FILE VECTORS")
	}
	verifyExport(os.Args[1], strings.TrimSpace(string(read(os.Args[2]))))
	verifyVectors(os.Args[3])
}
