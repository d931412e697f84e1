package wecom_test

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/wecomauth/wecomauth/core/wecom"
)

var update = flag.Bool("update", false, "rewrite docs/errors.md and docs/errors.zh-CN.md")

// loginCodes are the codes that matter for a login, from WeCom's list.
// https://developer.work.weixin.qq.com/document/path/90313
var loginCodes = []int{
	-1, 6000,
	40001, 40003, 40013, 40014, 40029, 40056, 40057, 40058, 40063, 40066, 40068, 40073, 40078,
	40080, 40082, 40083, 40084, 40085, 40086, 40091, 40136, 40137, 40138, 40139, 40140, 40141, 40163,
	41001, 41002, 41004, 41008, 41009, 41011, 41021, 41022, 41023, 41024, 41025,
	42001, 42003, 42007, 42009, 42022,
	43003, 43004, 43009, 43012, 43016, 43017,
	45009, 45031, 45033,
	48001, 48002, 48003, 48004, 48005, 48006, 48009, 48010,
	50001, 50002, 50003,
	60011, 60020, 60021, 60031, 60111,
	80001, 84014, 84015, 84025, 84090, 85004, 85005, 85007, 85008, 85111,
	92000, 301002, 301007, 301025, 2000002,
}

func TestErrorCodesAreCompleteAndInOrder(t *testing.T) {
	rows := wecom.ErrorCodes()
	var got []int
	for _, row := range rows {
		got = append(got, row.Code)
		if row.Kind == nil {
			t.Errorf("code %d has no kind", row.Code)
		}
		for _, text := range []string{row.Meaning.EN, row.Remedy.EN} {
			if !strings.HasSuffix(text, ".") && !strings.HasSuffix(text, ".)") {
				t.Errorf("code %d: %q is no English sentence", row.Code, text)
			}
		}
		for _, text := range []string{row.Meaning.ZH, row.Remedy.ZH} {
			if !strings.HasSuffix(text, "。") && !strings.HasSuffix(text, "。）") {
				t.Errorf("code %d: %q is no Chinese sentence", row.Code, text)
			}
		}
	}
	if !slices.IsSortedFunc(rows, func(a, b wecom.ErrorCode) int { return cmp.Compare(a.Code, b.Code) }) {
		t.Error("the codes are not in order")
	}
	if !slices.Equal(got, loginCodes) {
		for _, code := range loginCodes {
			if !slices.Contains(got, code) {
				t.Errorf("code %d is missing", code)
			}
		}
		t.Errorf("codes = %v, want each of %v once", got, loginCodes)
	}
}

func TestTheCallerMayChangeErrorCodes(t *testing.T) {
	wecom.ErrorCodes()[0].Remedy.EN = "changed"
	if got := (&wecom.APIError{Code: -1}).Remedy(); got == "changed" || wecom.ErrorCodes()[0].Remedy.EN == "changed" {
		t.Error("the table was changed")
	}
}

func TestErrorDocs(t *testing.T) {
	for _, doc := range []struct {
		path, intro string
		pick        func(wecom.Text) string
	}{
		{"../../docs/errors.md", introEN, func(t wecom.Text) string { return t.EN }},
		{"../../docs/errors.zh-CN.md", introZH, func(t wecom.Text) string { return t.ZH }},
	} {
		var b strings.Builder
		b.WriteString(doc.intro)
		for _, row := range wecom.ErrorCodes() {
			cell := func(t wecom.Text) string { return strings.ReplaceAll(doc.pick(t), "|", `\|`) }
			fmt.Fprintf(&b, "| %d | `%s` | %s | %s |\n", row.Code, row.Kind.Code(), cell(row.Meaning), cell(row.Remedy))
		}
		if *update {
			if err := os.WriteFile(doc.path, []byte(b.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(doc.path)
		if err != nil || string(got) != b.String() {
			t.Errorf("%s is not what the table says (%v): run go test ./core/wecom -run TestErrorDocs -update", doc.path, err)
		}
	}
}

const introEN = `# WeCom error codes in a login

[中文](errors.zh-CN.md)

<!-- Generated: go test ./core/wecom -run TestErrorDocs -update -->

A person whose login fails sees a page that says what to do, with the class of the error, such as ` + "`misconfigured`" + `, and a request id. Programs get the same as JSON, the class in ` + "`code`" + `. WeCom's own error code is for the administrator, and only in the server's log: one record with the same ` + "`request_id`" + `, the text in ` + "`err`" + `, and the fields in the group ` + "`wecom`" + `:

| Field | Meaning |
| --- | --- |
| ` + "`api`" + ` | the call, such as ` + "`gettoken`" + ` or ` + "`auth/getuserinfo`" + ` |
| ` + "`errcode`" + ` | the code, as in the table below |
| ` + "`msg`" + ` | WeCom's text, which changes without notice |
| ` + "`hint`" + ` | the id by which WeCom's support finds the call |
| ` + "`ip`" + ` | the address that WeCom saw the call come from |
| ` + "`remedy`" + ` | what to do, as in the table below |

In Go, ` + "`errors.As`" + ` finds a ` + "`*wecom.APIError`" + ` in the error, and ` + "`wecom.ErrorCodes`" + ` returns this table. A failure to read the name, departments or details is logged as a warning, and the login goes on. A code that is not in the table has the class ` + "`wecom_bad_answer`" + `; look it up in [WeCom's list](https://developer.work.weixin.qq.com/document/path/90313) or at <https://open.work.weixin.qq.com/devtool/query>.

| Code | Class | Meaning | What to do |
| ---: | --- | --- | --- |
`

const introZH = `# 登录相关的企业微信错误码

[English](errors.md)

<!-- 自动生成：go test ./core/wecom -run TestErrorDocs -update -->

登录失败时，用户看到的页面会说明该怎么做，并显示错误类别（如 ` + "`misconfigured`" + `）和请求编号。程序得到同样内容的 JSON，类别在 ` + "`code`" + ` 字段中。企业微信自己的错误码供管理员排查，只写入服务器日志：日志中有一条 ` + "`request_id`" + ` 相同的记录，` + "`err`" + ` 是错误文本，` + "`wecom`" + ` 分组中是各个字段：

| 字段 | 含义 |
| --- | --- |
| ` + "`api`" + ` | 调用的接口，如 ` + "`gettoken`" + `、` + "`auth/getuserinfo`" + ` |
| ` + "`errcode`" + ` | 错误码，见下表 |
| ` + "`msg`" + ` | 企业微信返回的文本，可能随时变化 |
| ` + "`hint`" + ` | 企业微信客服查询该次调用所用的编号 |
| ` + "`ip`" + ` | 企业微信看到的调用方 IP |
| ` + "`remedy`" + ` | 处理办法（英文），见下表 |

在 Go 代码中，可用 ` + "`errors.As`" + ` 从错误中取出 ` + "`*wecom.APIError`" + `；` + "`wecom.ErrorCodes`" + ` 返回本表。读取姓名、部门或敏感信息失败时只记一条警告，登录照常完成。不在表中的错误码归为 ` + "`wecom_bad_answer`" + ` 类，请查阅[企业微信全局错误码](https://developer.work.weixin.qq.com/document/path/90313)，或使用查询工具 <https://open.work.weixin.qq.com/devtool/query>。

| 错误码 | 类别 | 含义 | 处理办法 |
| ---: | --- | --- | --- |
`
