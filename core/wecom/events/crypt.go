package events

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha1" // #nosec G505 -- WeCom's protocol
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
)

// crypt opens what WeCom has encrypted.
// https://developer.work.weixin.qq.com/document/path/90968
type crypt struct {
	token string
	block cipher.Block
	iv    []byte
}

const (
	randomBytes = 16 // in front of the message
	sizeBytes   = 4  // the message's length
	maxPad      = 32 // the padding fills blocks of 32, twice those of AES
)

var errSealed = errors.New("the message cannot be decrypted: compare EncodingAESKey with the WeCom console")

// authentic reports whether the signature is that of the values that came with
// it, and of nothing else in the query.
func (c crypt) authentic(q query, sealed string) bool {
	parts := []string{c.token, q.timestamp, q.nonce, sealed}
	slices.Sort(parts)
	sum := sha1.Sum([]byte(strings.Join(parts, ""))) // #nosec G401 -- WeCom's protocol
	return subtle.ConstantTimeCompare([]byte(hex.EncodeToString(sum[:])), []byte(q.signature)) == 1
}

// open returns the message and whom it is for. Call it only for what is
// authentic, so that nobody learns anything from how it fails.
func (c crypt) open(sealed string) (message, receiver []byte, err error) {
	b, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil || len(b) == 0 || len(b)%aes.BlockSize != 0 {
		return nil, nil, errSealed
	}
	cipher.NewCBCDecrypter(c.block, c.iv).CryptBlocks(b, b)
	pad := int(b[len(b)-1])
	if pad < 1 || pad > maxPad || pad > len(b) {
		return nil, nil, errSealed
	}
	for _, p := range b[len(b)-pad:] {
		if int(p) != pad {
			return nil, nil, errSealed
		}
	}
	b = b[:len(b)-pad]
	if len(b) < randomBytes+sizeBytes {
		return nil, nil, errSealed
	}
	size, rest := binary.BigEndian.Uint32(b[randomBytes:]), b[randomBytes+sizeBytes:]
	if uint64(size) > uint64(len(rest)) {
		return nil, nil, errSealed
	}
	return rest[:size], rest[size:], nil
}
