package wecomtest

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha1" // #nosec G505 -- WeCom's protocol
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// seal encrypts a message and signs it. The signature and what it covers are for
// the query.
// https://developer.work.weixin.qq.com/document/path/90968
func (f *Fake) seal(c Callback, message []byte) (sealed string, q url.Values, err error) {
	key, err := base64.StdEncoding.DecodeString(c.EncodingAESKey + "=")
	if err != nil || len(key) != 32 || len(message) > math.MaxInt32 {
		return "", nil, errors.New("wecomtest: Callback.EncodingAESKey must have the 43 characters of base64")
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return "", nil, err
	}
	plain := make([]byte, 16, len(message)+128)
	_, _ = rand.Read(plain)                                            // never fails
	plain = binary.BigEndian.AppendUint32(plain, uint32(len(message))) // #nosec G115 -- checked above
	plain = append(append(plain, message...), f.receiver(c)...)
	pad := 32 - len(plain)%32 // blocks of 32, not of 16 as AES has them
	plain = append(plain, bytes.Repeat([]byte{byte(pad)}, pad)...)
	cipher.NewCBCEncrypter(block, key[:aes.BlockSize]).CryptBlocks(plain, plain)
	sealed = base64.StdEncoding.EncodeToString(plain)

	stamp, nonce := strconv.FormatInt(time.Now().Unix(), 10), strconv.FormatUint(uint64(binary.BigEndian.Uint32(plain)), 10)
	parts := []string{c.Token, stamp, nonce, sealed}
	slices.Sort(parts)
	sum := sha1.Sum([]byte(strings.Join(parts, ""))) // #nosec G401 -- WeCom's protocol
	return sealed, url.Values{"msg_signature": {hex.EncodeToString(sum[:])}, "timestamp": {stamp}, "nonce": {nonce}}, nil
}
