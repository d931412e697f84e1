package core

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Key is a secret from which the keys for cookies and states are derived, at
// least 32 random bytes. Printing it shows its length only.
type Key []byte

// Format implements fmt.Formatter for every verb.
func (k Key) Format(f fmt.State, _ rune) { _, _ = fmt.Fprintf(f, "core.Key(%d bytes)", len(k)) }

// MarshalText keeps a Key out of JSON and of structured logs.
func (k Key) MarshalText() ([]byte, error) { return fmt.Append(nil, k), nil }

// keyring holds what is derived from the app's secret or Config.Keys. All of it
// is bound to one (BaseURL, corp, agent), so that nothing made for one app is
// ever valid for another, even with the same secret. The whole BaseURL, not its
// origin: two services that share a host under two prefixes stay apart too.
type keyring struct {
	tag    string // 8 hex digits: names this app in cookies and session records
	bind   string // the same, whole
	roots  []Key  // newest first
	states []cipher.AEAD
	days   atomic.Pointer[dayKeys]
}

// dayKeys are the sealing keys that are good on one day (UTC). Yesterday's and
// tomorrow's open too, for attempts begun before midnight and for clocks that
// differ between instances.
type dayKeys struct {
	day  int64
	seal cipher.AEAD
	open []cipher.AEAD
}

func newKeyring(baseURL string, app AppInfo, roots []Key) (*keyring, error) {
	sum := sha256.Sum256([]byte(strings.Join([]string{"wecomauth v1", baseURL, app.CorpID, app.AgentID}, "\x00")))
	k := &keyring{bind: hex.EncodeToString(sum[:]), roots: roots}
	k.tag = k.bind[:8]
	for _, root := range roots {
		aead, err := k.aead(root, "state")
		if err != nil {
			return nil, err
		}
		k.states = append(k.states, aead)
	}
	return k, nil
}

// derive returns the 32-byte key for one purpose.
func (k *keyring) derive(root Key, purpose string) ([]byte, error) {
	return hkdf.Key(sha256.New, root, nil, "wecomauth v1 "+purpose+" "+k.bind, 32)
}

// today returns the sealing keys for now, deriving them once a day.
func (k *keyring) today(now time.Time) (*dayKeys, error) {
	day := now.Unix() / 86400
	if d := k.days.Load(); d != nil && d.day == day {
		return d, nil
	}
	d := &dayKeys{day: day}
	for _, n := range []int64{day, day - 1, day + 1} {
		for _, root := range k.roots {
			aead, err := k.aead(root, "attempt "+strconv.FormatInt(n, 10))
			if err != nil {
				return nil, err
			}
			d.open = append(d.open, aead)
		}
	}
	d.seal = d.open[0]
	k.days.Store(d)
	return d, nil
}

func (k *keyring) aead(root Key, purpose string) (cipher.AEAD, error) {
	key, err := k.derive(root, purpose)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// seal encrypts and authenticates plain for one cookie name.
func (k *keyring) seal(now time.Time, rand io.Reader, name string, plain []byte) ([]byte, error) {
	d, err := k.today(now)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, d.seal.NonceSize(), d.seal.NonceSize()+len(plain)+d.seal.Overhead())
	if _, err := io.ReadFull(rand, nonce); err != nil {
		return nil, err
	}
	return d.seal.Seal(nonce, nonce, plain, []byte(name)), nil
}

// open reverses seal. Anything that is not ours is just not opened.
func (k *keyring) open(now time.Time, name string, sealed []byte) ([]byte, bool) {
	d, err := k.today(now)
	if err != nil || len(sealed) < d.seal.NonceSize() {
		return nil, false
	}
	nonce, box := sealed[:d.seal.NonceSize()], sealed[d.seal.NonceSize():]
	for _, aead := range d.open {
		if plain, err := aead.Open(nil, nonce, box, []byte(name)); err == nil {
			return plain, true
		}
	}
	return nil, false
}
