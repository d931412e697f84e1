package core

import (
	"bytes"
	"encoding/binary"
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

// findRecord returns the bytes of the record under key, and the session's
// deadline in Unix microseconds. It does not look at the rest: where only that is
// damaged, Decode finds nothing and findRecord does. Otherwise ok tells whether Decode
// finds such a record.
func findRecord(blob []byte, key string) (deadline int64, rec string, ok bool) {
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
	deadline = readInt64(string(b[2:codecHead]))
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

// oneRecord is what Codec writes of a session with one record and nothing else.
func oneRecord(deadline int64, key, raw string) []byte {
	b := append(make([]byte, 0, codecHead+5+len(key)+len(raw)), codecMagic, codecVersion)
	b = append(appendInt64(b, deadline), 1)
	b = append(binary.AppendUvarint(b, uint64(len(key))), key...)
	return append(binary.AppendUvarint(b, uint64(len(raw))), raw...)
}

func appendInt64(b []byte, v int64) []byte {
	return binary.BigEndian.AppendUint64(b, uint64(v)) // #nosec G115 -- round trip of the same 64 bits
}

// readInt64 reads the first 8 bytes.
func readInt64(b string) int64 {
	_ = b[7]
	return int64(b[0])<<56 | int64(b[1])<<48 | int64(b[2])<<40 | int64(b[3])<<32 |
		int64(b[4])<<24 | int64(b[5])<<16 | int64(b[6])<<8 | int64(b[7])
}
