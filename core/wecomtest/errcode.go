package wecomtest

import (
	"crypto/rand"
	"fmt"
	"time"
)

// result is the head of every answer of today's APIs.
type result struct {
	Code int    `json:"errcode"`
	Msg  string `json:"errmsg"`
}

// oldResult is an error in the words of 企业号: errcode is a quoted number.
type oldResult struct {
	Code int    `json:"errcode,string"`
	Msg  string `json:"errmsg"`
}

var success = result{0, "ok"}

// https://developer.work.weixin.qq.com/document/path/90313
var errorTexts = map[int]string{
	-1:     "system error",
	40001:  "invalid credential",
	40013:  "invalid corpid",
	40014:  "invalid access_token",
	40029:  "invalid code",
	40058:  "invalid parameter",
	40068:  "invalid tagid",
	40080:  "invalid suite_secret",
	40082:  "invalid suite_token",
	40083:  "invalid suite_id",
	40085:  "invalid suite_ticket",
	41001:  "access_token missing",
	41002:  "corpid missing",
	41004:  "corpsecret missing",
	41008:  "code missing",
	41009:  "userid missing",
	41022:  "suite_access_token missing",
	41023:  "suite_ticket missing",
	42001:  "access_token expired",
	42009:  "suite_access_token expired",
	45009:  "api freq out of limit",
	45033:  "api concurrent out of limit",
	50001:  "redirect_uri unauthorized",
	60011:  "no privilege to access/modify contact/party/agent ",
	60020:  "not allow to access from your ip",
	60111:  "userid not found",
	84014:  "expired user ticket",
	84015:  "invalid user ticket",
	84090:  "user ticket missing",
	301002: "not allow operate another agent with this accesstoken.",
}

func errorText(code int) string {
	if text, ok := errorTexts[code]; ok {
		return text
	}
	return "error"
}

func failure(code int) result {
	hint := make([]byte, 16)
	_, _ = rand.Read(hint) // never fails
	return result{code, fmt.Sprintf(
		"%s, hint: [%d_80_%x], from ip: 127.0.0.1, more info at https://open.work.weixin.qq.com/devtool/query?e=%d",
		errorText(code), time.Now().Unix(), hint, code)}
}

func oldFailure(code int) oldResult { return oldResult{code, errorText(code)} }
