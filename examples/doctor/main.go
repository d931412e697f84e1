// Command doctor looks for what keeps people from logging in. Run it on the
// machine where the service will run, with the service's environment:
//
//	WECOM_CORP_ID=ww… WECOM_AGENT_ID=1000002 WECOM_SECRET=… BASE_URL=https://oa.example.com go run ./examples/doctor
//
// WW_VERIFY, the name of a WW_verify_….txt file, and REDIS_ADDR, such as
// 127.0.0.1:6379, are looked at if they are set. It changes nothing, and prints
// no secret. The exit status is 1 if something has to be mended.
package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/wecomauth/wecomauth/core/wecom"
)

func main() {
	p := patient{
		app: wecom.App{
			CorpID: os.Getenv("WECOM_CORP_ID"), AgentID: os.Getenv("WECOM_AGENT_ID"), Secret: os.Getenv("WECOM_SECRET"),
			APIURL: os.Getenv("WECOM_API_URL"), // of private editions
		},
		baseURL: os.Getenv("BASE_URL"), verifyFile: os.Getenv("WW_VERIFY"), redisAddr: os.Getenv("REDIS_ADDR"),
		site: &http.Client{}, lookup: net.DefaultResolver.LookupHost, now: time.Now,
	}
	if !p.examine(context.Background(), os.Stdout) {
		os.Exit(1)
	}
}

// A patient is a service and what its doctor works with.
type patient struct {
	app        wecom.App
	baseURL    string
	verifyFile string
	redisAddr  string

	site   *http.Client // reaches BaseURL
	lookup func(ctx context.Context, host string) ([]string, error)
	now    func() time.Time

	token string // once gettoken has worked
	agent agent  // once agent/get has worked
}

// finding is what a check has found: well, wrong with what to do about it, or
// skipped because an earlier one failed or there is nothing to look at.
type finding struct {
	state state
	what  string     // a short fact: an address, a code
	fix   wecom.Text // if something is to be done
}

type state int

const (
	skipped state = iota
	well
	warning
	wrong
)

var marks = [...]string{skipped: "-", well: "✓", warning: "!", wrong: "✗"}

func fine(format string, args ...any) finding {
	return finding{well, fmt.Sprintf(format, args...), wecom.Text{}}
}

// check is one question about the service.
type check struct {
	name wecom.Text
	run  func(p *patient, ctx context.Context) finding
}

// checks are in the order in which things depend on each other.
var checks = []check{
	{wecom.Text{EN: "settings", ZH: "配置"}, (*patient).settings},
	{wecom.Text{EN: "the way to WeCom", ZH: "到企业微信的网络"}, (*patient).reach},
	{wecom.Text{EN: "clock", ZH: "时钟"}, (*patient).clock},
	{wecom.Text{EN: "CorpID and Secret (gettoken)", ZH: "CorpID 与 Secret"}, (*patient).secret},
	{wecom.Text{EN: "trusted IP and AgentID (agent/get)", ZH: "企业可信IP 与 AgentID"}, (*patient).console},
	{wecom.Text{EN: "the app is switched on", ZH: "应用已启用"}, (*patient).switchedOn},
	{wecom.Text{EN: "visible range", ZH: "可见范围"}, (*patient).visible},
	{wecom.Text{EN: "trusted domain", ZH: "可信域名"}, (*patient).domain},
	{wecom.Text{EN: "BaseURL: DNS", ZH: "BaseURL：域名解析"}, (*patient).dns},
	{wecom.Text{EN: "BaseURL: the service answers", ZH: "BaseURL：服务可达"}, (*patient).answers},
	{wecom.Text{EN: "WW_verify file", ZH: "WW_verify 文件"}, (*patient).verify},
	{wecom.Text{EN: "Redis", ZH: "Redis"}, (*patient).redis},
}

// perCheck bounds a check.
const perCheck = 10 * time.Second

// examine runs all checks and reports whether nothing is wrong.
func (p *patient) examine(ctx context.Context, w io.Writer) bool {
	healthy := true
	for _, c := range checks {
		one, cancel := context.WithTimeout(ctx, perCheck)
		f := c.run(p, one)
		cancel()
		healthy = healthy && f.state != wrong
		line := fmt.Sprintf("%s %s · %s  %s", marks[f.state], c.name.EN, c.name.ZH, f.what)
		_, _ = fmt.Fprintln(w, strings.TrimRight(line, " "))
		if f.fix.EN != "" {
			_, _ = fmt.Fprintf(w, "    %s\n    %s\n", f.fix.EN, f.fix.ZH)
		}
	}
	return healthy
}
