package wecom

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// answer is the JSON object that WeCom sent, by member name in lower case. One
// reader serves both dialects, "userid" and "UserId", numbers and quoted
// numbers, so that no answer depends on how a JSON library folds case.
type answer map[string]json.RawMessage

// decode wants one JSON object and nothing after it. A name that occurs twice
// with different values is refused: the two readers that might disagree about it
// are us and whatever stands between.
func decode(body []byte) (answer, error) {
	if !json.Valid(body) {
		return nil, errors.New("the answer is not JSON: check APIURL, and what stands between this server and WeCom")
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return nil, errors.New("the answer is not a JSON object")
	}
	ans := answer{}
	for dec.More() {
		key, err := dec.Token()
		name, ok := key.(string)
		if err != nil || !ok {
			return nil, errors.New("the answer is not a JSON object")
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, errors.New("the answer is not a JSON object")
		}
		name = lowerASCII(name)
		if old, twice := ans[name]; twice && !bytes.Equal(old, value) {
			return nil, errors.New("the answer holds one member twice with different values")
		}
		ans[name] = value
	}
	return ans, nil
}

// errcode returns the error code; 0 if there is none, which is a success only
// if the field that was asked for is there.
// https://developer.work.weixin.qq.com/document/path/90664
func (a answer) errcode() (int, error) {
	if _, ok := a["errcode"]; !ok {
		return 0, nil
	}
	code, ok := a.integer("errcode")
	if !ok {
		return 0, errors.New("the errcode of the answer is not an integer")
	}
	return code, nil
}

// integerForm has no sign before 0, no fraction and no exponent.
var integerForm = regexp.MustCompile(`^(0|-?[1-9][0-9]{0,9})$`)

// integer reads a number or, as the former interface sends it, a quoted one.
func (a answer) integer(name string) (n int, ok bool) {
	digits := string(a[name])
	if strings.HasPrefix(digits, `"`) && json.Unmarshal(a[name], &digits) != nil {
		return 0, false
	}
	return integer(digits)
}

func integer(digits string) (n int, ok bool) {
	if !integerForm.MatchString(digits) {
		return 0, false
	}
	n, err := strconv.Atoi(digits)
	return n, err == nil
}

// text reads a string; absent and null are empty.
func (a answer) text(name string) (string, error) {
	raw, ok := a[name]
	if !ok {
		return "", nil
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return "", errors.New("the member " + name + " of the answer is not a string")
	}
	return s, nil
}

// maxListed bounds a list, in entries.
const maxListed = 100_000

// each visits the elements of a list. found is false if it is absent or null.
func (a answer) each(name string, visit func(json.RawMessage) error) (found bool, err error) {
	raw, ok := a[name]
	if !ok || string(raw) == "null" {
		return false, nil
	}
	notAList := errors.New("the member " + name + " of the answer is not a list")
	dec := json.NewDecoder(bytes.NewReader(raw))
	if open, err := dec.Token(); err != nil || open != json.Delim('[') {
		return false, notAList
	}
	for n := 0; dec.More(); n++ {
		if n == maxListed {
			return false, fmt.Errorf("the member %s of the answer has more than %d entries", name, maxListed)
		}
		var element json.RawMessage
		if err := dec.Decode(&element); err != nil {
			return false, notAList
		}
		if err := visit(element); err != nil {
			return false, err
		}
	}
	return true, nil
}

// lowerASCII folds the 26 letters only; strings.ToLower also turns the Kelvin
// sign into a k.
func lowerASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}
