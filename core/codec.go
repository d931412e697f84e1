package core

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/binary"
	"encoding/gob"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
)

// Codec is an [scs.Codec] for session managers that hold logins: more compact
// and faster to read than gob, the default of scs. Without Config.Sessions it is
// what New uses; give it to a manager of your own by
//
//	sm.Codec = core.Codec{}
//
// It reads what [scs.GobCodec] wrote, so sessions in the store stay valid, but
// GobCodec does not read what it writes. Where several instances share a store,
// roll it out in two steps: Codec{Gob: true} everywhere, and then Codec{}.
//
// Values come back as they do from GobCodec, and their types have to be
// registered with [gob.Register] likewise. The deadline comes back in UTC,
// rounded down to the microsecond; the values of an empty session come back as
// an empty map, never as nil.
//
// Encode fails for a value that gob cannot encode, and for a deadline more than
// 290,000 years away.
//
// Decode never fails. Data that neither codec wrote, or with a value whose type is
// not registered, is an empty session: its owner is logged out. An error would
// have scs answer every request with 500 until the cookie expires. What is put
// into such a session lasts for an hour at most, unless a login renews it.
//
// Decode does not panic, even if a value's GobDecode does. Nor does it allocate much
// more than it is given, but for the types that the application registers: before
// gob looks whether there are any elements, it makes a map of the size that the data
// claims, and up to ten megabytes for each slice. So whoever can write to the store, and
// thereby log in as anybody, can exhaust this process's memory too if a registered
// type is or holds a map.
//
// The zero value is ready to use; its methods may be called concurrently, and keep
// no argument.
type Codec struct {
	// Gob makes Encode write what scs.GobCodec writes, as long as there are
	// instances without Codec. Decode reads either.
	Gob bool
}

// unreadableLasts is how long an empty session that stands for an unreadable one may
// last. It is not over already, for some stores keep for ever what is committed
// past its deadline: scs's goredisstore does.
const unreadableLasts = time.Hour

var (
	errCodec = errors.New("wecomauth: not the data of a session")
	strict64 = base64.RawURLEncoding.Strict()
)

// Encode implements [scs.Codec].
func (c Codec) Encode(deadline time.Time, values map[string]any) ([]byte, error) {
	if c.Gob {
		return scs.GobCodec{}.Encode(deadline, values)
	}
	at := deadline.UnixMicro()
	if deadline.Sub(time.UnixMicro(at))/time.Microsecond != 0 { // it did not fit
		return nil, errors.New("wecomauth: the deadline of a session is out of range")
	}
	records, rest := split(values)
	size := codecHead + 1
	for _, r := range records {
		size += 4 + len(r.key) + len(r.raw)
	}
	b := append(make([]byte, 0, size), codecMagic, codecVersion)
	b = appendInt64(b, at)
	b = binary.AppendUvarint(b, uint64(len(records)))
	for _, r := range records {
		b = append(binary.AppendUvarint(b, uint64(len(r.key))), r.key...)
		b = append(binary.AppendUvarint(b, uint64(len(r.raw))), r.raw...)
	}
	if len(rest) == 0 {
		return b, nil
	}
	w := bytes.NewBuffer(b)
	if err := gob.NewEncoder(w).Encode(rest); err != nil {
		return nil, fmt.Errorf("wecomauth: encode a session: %w", err)
	}
	return w.Bytes(), nil
}

type rawRecord struct {
	key string
	raw []byte
}

// split parts the records, sorted by key, from the rest. It leaves values as
// they are.
func split(values map[string]any) (records []rawRecord, rest map[string]any) {
	for key, v := range values {
		if raw, ok := rawOf(key, v); ok {
			records = append(records, rawRecord{key, raw})
		}
	}
	if len(records) == 0 {
		return nil, values
	}
	slices.SortFunc(records, func(a, b rawRecord) int { return strings.Compare(a.key, b.key) })
	if len(records) < len(values) {
		rest = maps.Clone(values)
		for _, r := range records {
			delete(rest, r.key)
		}
	}
	return records, rest
}

// rawOf returns the bytes of a record, if the value is one.
func rawOf(key string, value any) ([]byte, bool) {
	text, ok := value.(string)
	if !ok || text == "" || len(text) > strict64.EncodedLen(maxRecord) || !strings.HasPrefix(key, keyPrefix) {
		return nil, false
	}
	raw, err := strict64.DecodeString(text)
	// The decoder skips line breaks: such a text would come back without them.
	return raw, err == nil && strict64.EncodedLen(len(raw)) == len(text)
}

// Decode implements [scs.Codec].
func (Codec) Decode(b []byte) (time.Time, map[string]any, error) {
	deadline, values, err := decodeSession(b)
	if err != nil {
		return time.Now().Add(unreadableLasts).UTC(), map[string]any{}, nil
	}
	return deadline, values, nil
}

func decodeSession(b []byte) (deadline time.Time, values map[string]any, err error) {
	defer func() {
		if p := recover(); p != nil {
			deadline, values, err = time.Time{}, nil, fmt.Errorf("%w: panic: %v", errCodec, p)
		}
	}()
	if len(b) == 0 || b[0] != codecMagic {
		return decodeGob(b)
	}
	micros, count, at := readHead(b)
	values = make(map[string]any, count)
	var key, raw []byte
	for ; at > 0 && count > 0; count-- {
		key, raw, at = readRaw(b, at, key)
		values[string(key)] = strict64.EncodeToString(raw)
	}
	if at == 0 {
		return time.Time{}, nil, errCodec
	}
	if err := decodeRest(b[at:], values); err != nil {
		return time.Time{}, nil, err
	}
	return time.UnixMicro(micros).UTC(), values, nil
}

// decodeRest adds the rest to values.
func decodeRest(b []byte, values map[string]any) error {
	if len(b) == 0 {
		return nil
	}
	rest := map[string]any{} // see decodeGob
	left, err := readGob(b, &rest)
	if err != nil || left > 0 || len(rest) == 0 {
		return cmp.Or(err, errCodec)
	}
	for key, v := range rest {
		_, twice := values[key]
		if _, record := rawOf(key, v); record || twice {
			return errCodec
		}
		values[key] = v
	}
	return nil
}

// decodeGob reads what scs.GobCodec wrote. GobCodec's own Decode has gob make a
// map of the size that the data claims, gigabytes if it likes. A map that is
// there already is filled instead.
func decodeGob(b []byte) (time.Time, map[string]any, error) {
	v := struct {
		Deadline time.Time
		Values   map[string]any
	}{Values: map[string]any{}}
	if _, err := readGob(b, &v); err != nil {
		return time.Time{}, nil, err
	}
	return v.Deadline.UTC(), v.Values, nil
}

// readGob reads one value and returns how many bytes follow it. gob makes a
// buffer of the size that a message claims, up to ten megabytes, before it looks
// whether the message is there; so that is looked at first.
func readGob(b []byte, into any) (left int, err error) {
	for m := b; len(m) > 0; {
		n := uint64(m[0])
		m = m[1:]
		if n > 0x7f {
			size := int(256 - n)
			if size > 8 || size > len(m) {
				return 0, errCodec
			}
			var long [8]byte
			copy(long[8-size:], m)
			n, m = binary.BigEndian.Uint64(long[:]), m[size:]
		}
		if n > uint64(len(m)) {
			return 0, errCodec
		}
		m = m[n:]
	}
	r := bytes.NewReader(b)
	if err := gob.NewDecoder(r).Decode(into); err != nil {
		return 0, fmt.Errorf("%w: %w", errCodec, err)
	}
	return r.Len(), nil
}
