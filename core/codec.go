package core

import (
	"encoding/binary"
	"errors"
	"strings"
	"time"
)

// recordCodec is the scs codec of our own session manager, whose sessions hold
// one value: the record. gob, the default of scs, describes its types in every
// session, which is most of the work of reading one. The key is stored and
// compared: it is what binds a record to its app. Layout, version 1:
//
//	1 | deadline (Unix seconds, 8 bytes, big endian) | key | 0 | record text
type recordCodec struct{ key string }

const codecHead = 1 + 8

// Encode implements scs.Codec.
func (c recordCodec) Encode(deadline time.Time, values map[string]any) ([]byte, error) {
	text, ok := values[c.key].(string)
	if len(values) != 1 || !ok {
		return nil, errors.New("wecomauth: a session of our own holds something else than a login")
	}
	b := make([]byte, 0, codecHead+len(c.key)+1+len(text))
	b = append(b, recordVersion)
	b = binary.BigEndian.AppendUint64(b, uint64(deadline.Unix())) // #nosec G115 -- round trip of the same 64 bits
	b = append(append(b, c.key...), 0)
	return append(b, text...), nil
}

// Decode implements scs.Codec.
func (c recordCodec) Decode(b []byte) (time.Time, map[string]any, error) {
	if len(b) < codecHead || b[0] != recordVersion {
		return time.Time{}, nil, errors.New("wecomauth: not a session of our own")
	}
	text, ok := strings.CutPrefix(string(b[codecHead:]), c.key+"\x00")
	if !ok {
		return time.Time{}, nil, errors.New("wecomauth: a session of another app")
	}
	deadline := time.Unix(int64(binary.BigEndian.Uint64(b[1:])), 0) // #nosec G115 -- round trip of the same 64 bits
	return deadline.UTC(), map[string]any{c.key: text}, nil
}
