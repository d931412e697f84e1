package core

import (
	"bytes"
	"encoding/binary"
	"strings"
)

// The layout that Codec writes, version 1. The logins come first, so that one
// is read without decoding the rest: gob describes its types in every session,
// which is most of the work of reading one.
//
//	0xA5 | 1 | deadline (Unix microseconds, 8 bytes, big endian) | count | record … | rest
//	record: key length | key | length | bytes
//
// Lengths and the count are uvarints, as short as they can be. A record is a
// value under a key that begins with "wecomauth.", a string that is unpadded
// base64url of 1 to 4096 bytes; the bytes are stored. Records are sorted by key,
// each key once. The rest is absent if there are no other values, or else gob of
// these as a map[string]any. Data that would not be written is not read, except
// for what gob itself lets pass within the rest.
const (
	// codecMagic begins no gob stream: that begins with the length of a message,
	// either in one byte of at most 0x7f, or with 0xf8 to 0xff for the number of
	// bytes that hold it.
	codecMagic   = 0xA5
	codecVersion = 1
	codecHead    = 2 + 8
	keyPrefix    = "wecomauth." // of every key of ours in a session
	maxRecord    = 4096
	minRecord    = 1 + len(keyPrefix) + 1 + 1 // with its lengths
)

// findRecord returns the bytes of the record under key, which are a part of
// blob, and the session's deadline in Unix microseconds. It does not look at the
// rest: where only that is damaged, Decode fails and findRecord does not.
// Otherwise ok tells whether Decode finds such a record. Nearly always there is
// one record, under this key, of less than 128 bytes: then it does not allocate.
func findRecord(blob, key string) (deadline int64, rec string, ok bool) {
	const at = codecHead + 2
	size := at + len(key) // where the record's length is
	if len(blob) <= size || len(key) >= 0x80 || blob[0] != codecMagic || blob[1] != codecVersion || blob[codecHead] != 1 ||
		int(blob[at-1]) != len(key) || blob[at:size] != key || !strings.HasPrefix(key, keyPrefix) {
		return findAmong([]byte(blob), key)
	}
	end := size + 1 + int(blob[size])
	if blob[size] == 0 || blob[size] >= 0x80 || end > len(blob) {
		return findAmong([]byte(blob), key)
	}
	for i := 2; i < codecHead; i++ {
		deadline = deadline<<8 | int64(blob[i])
	}
	return deadline, blob[size+1 : end], true
}

// findAmong is findRecord for any number of records of any length.
func findAmong(blob []byte, key string) (deadline int64, rec string, ok bool) {
	deadline, count, at := readHead(blob)
	var k, raw, found []byte
	for ; at > 0 && count > 0; count-- {
		if k, raw, at = readRaw(blob, at, k); string(k) == key {
			found = raw
		}
	}
	if at == 0 || found == nil {
		return 0, "", false
	}
	return deadline, string(found), true
}

// readHead returns how many records there are, at most as many as fit in b, and
// where the first one begins: at 0 if this is not our layout.
func readHead(b []byte) (deadline int64, count, at int) {
	if len(b) < codecHead || b[0] != codecMagic || b[1] != codecVersion {
		return 0, 0, 0
	}
	deadline = int64(binary.BigEndian.Uint64(b[2:])) // #nosec G115 -- round trip of the same 64 bits
	if count, at = number(b, codecHead); count > (len(b)-at)/minRecord {
		return 0, 0, 0
	}
	return deadline, count, at
}

// readRaw reads the record at at, whose key comes after last, and returns where
// the next one begins, or 0. The key and the record are parts of b.
func readRaw(b []byte, at int, last []byte) (key, raw []byte, next int) {
	n, at := number(b, at)
	if at == 0 || n < len(keyPrefix) || n > len(b)-at {
		return nil, nil, 0
	}
	key, at = b[at:at+n:at+n], at+n
	n, at = number(b, at)
	if at == 0 || n == 0 || n > maxRecord || n > len(b)-at {
		return nil, nil, 0
	}
	raw = b[at : at+n : at+n]
	if string(key[:len(keyPrefix)]) != keyPrefix || last != nil && bytes.Compare(last, key) >= 0 {
		return nil, nil, 0
	}
	return key, raw, at + n
}

// number reads a uvarint that is as short as it can be and returns where it
// ends, or 0. One too large for a length within b is refused.
func number(b []byte, at int) (n, end int) {
	if at < len(b) && b[at] < 0x80 {
		return int(b[at]), at + 1
	}
	v, size := binary.Uvarint(b[at:])
	if size <= 0 || b[at+size-1] == 0 || v > uint64(len(b)) {
		return 0, 0
	}
	return int(v), at + size // #nosec G115 -- bounded
}
