package wecom

import (
	"cmp"
	"slices"

	"github.com/wecomauth/wecomauth/core"
)

// An ErrorCode says what one of WeCom's error codes means for a login.
// https://developer.work.weixin.qq.com/document/path/90313
type ErrorCode struct {
	Code    int
	Kind    *core.Kind // what the person sees
	Meaning Text       // what WeCom says with it
	Remedy  Text       // what an administrator should do
}

// Text is a text for administrators in both languages.
type Text struct{ EN, ZH string }

// ErrorCodes returns the error codes that can come up in a login, or are easily
// met on the way to one, by code. The slice is the caller's.
// https://developer.work.weixin.qq.com/document/path/90313
func ErrorCodes() []ErrorCode {
	all := slices.Concat(busyCodes, spentCodes, personCodes, ticketCodes,
		tokenCodes, settingCodes, domainCodes, standingCodes, suiteCodes, defectCodes, foreignCodes)
	slices.SortFunc(all, func(a, b ErrorCode) int { return cmp.Compare(a.Code, b.Code) })
	return all
}

var byCode = func() map[int]ErrorCode {
	rows := make(map[int]ErrorCode)
	for _, row := range ErrorCodes() {
		rows[row.Code] = row
	}
	return rows
}()

// serverIP stands in a remedy where the address goes, if WeCom has named it.
const serverIP = "this server's IP address"
