package core

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
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
	slot  uint8 // which attempt cookie, 0 to slots-1
	round uint8 // 1 to maxRounds
}

// nonce names one login attempt: 128 random bits.
type nonce [16]byte

const (
	stateMAC   = 13                 // bytes: 104 bits
	stateBytes = 16 + 1 + stateMAC  // nonce, slot and round, MAC
	stateLen   = stateBytes * 8 / 5 // 48 characters
)

var stateText = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

func (k *keyring) writeState(s state) string {
	b := make([]byte, 0, stateBytes)
	b = append(b, s.nonce[:]...)
	b = append(b, s.slot<<4|s.round)
	return stateText.EncodeToString(append(b, macState(k.states[0], b)...))
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
	body, mac := b[:stateBytes-stateMAC], b[stateBytes-stateMAC:]
	for _, key := range k.states {
		if hmac.Equal(mac, macState(key, body)) {
			s := state{slot: body[16] >> 4, round: body[16] & 15}
			copy(s.nonce[:], body)
			return s, s.slot < slots && 1 <= s.round && s.round <= maxRounds
		}
	}
	return state{}, false
}

func macState(key, body []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(body)
	return h.Sum(nil)[:stateMAC]
}
