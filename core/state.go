package core

import (
	"crypto/cipher"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"time"
)

// state is what travels through WeCom and back in the OAuth2 state parameter.
// WeCom allows [a-zA-Z0-9], at most 128 bytes:
// https://developer.work.weixin.qq.com/document/path/91022
//
// The MAC only says "this is one of ours", so that another system's state, or a
// list filtered by ?state=open, is left alone. It is no proof of anything else:
// an attacker can get a valid state by visiting a page. The proof is the sealed
// cookie of the same browser, which holds the nonce.
type state struct {
	nonce nonce
	slot  uint8  // which attempt cookie, 0 to slots-1
	round uint8  // 1 to maxRoundsCrowded
	began uint16 // minutes since 1970, modulo 2^16: 45 days
}

// roundAt is the round, or 0 if the attempt can no longer be alive: whoever
// opens an old callback's address is not in a loop.
func (s state) roundAt(now time.Time) int {
	if age := minute(now) - s.began; age > uint16(attemptTTL/time.Minute) && age != ^uint16(0) { // one minute ahead is clock skew
		return 0
	}
	return int(s.round)
}

func minute(t time.Time) uint16 { return uint16(t.Unix() / 60) } // #nosec G115 -- modulo is meant

// nonce names one login attempt: 128 random bits.
type nonce [16]byte

const (
	stateBody  = 16 + 1 + 2 // nonce, slot and round, minute
	stateMAC   = 11         // bytes: 88 bits
	stateBytes = stateBody + stateMAC
	stateLen   = stateBytes * 8 / 5 // 48 characters
	gcmTag     = 16
)

var stateText = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

func (k *keyring) writeState(s state) string {
	b := make([]byte, 0, stateBody+gcmTag)
	b = append(b, s.nonce[:]...)
	b = append(b, s.slot<<4|s.round)
	b = binary.BigEndian.AppendUint16(b, s.began)
	return stateText.EncodeToString(appendMAC(k.states[0], b))
}

// readState returns the state that text stands for, if one of our keys made it.
func (k *keyring) readState(text string) (state, bool) {
	var b [stateBytes]byte
	if len(text) != stateLen {
		return state{}, false
	}
	if _, err := stateText.Decode(b[:], []byte(text)); err != nil {
		return state{}, false
	}
	body := b[:stateBody:stateBody]
	for _, key := range k.states {
		if subtle.ConstantTimeCompare(b[:], appendMAC(key, body)) == 1 {
			s := state{slot: body[16] >> 4, round: body[16] & 15, began: binary.BigEndian.Uint16(body[17:])}
			copy(s.nonce[:], body)
			return s, s.slot < slots && 1 <= s.round && s.round <= maxRoundsCrowded
		}
	}
	return state{}, false
}

// appendMAC appends the MAC of body to it. It is GMAC, AES-GCM without a text,
// with the beginning of our own random nonce for GCM's; it takes a third of the
// time of an HMAC, on every anonymous visit.
func appendMAC(key cipher.AEAD, body []byte) []byte {
	return key.Seal(body, body[:key.NonceSize()], nil, body)[:stateBytes]
}
