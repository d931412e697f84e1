// Command doctor looks for what keeps people from logging in. Run it on the
// machine where the service will run, with the service's environment:
//
//	export WECOM_CORP_ID=ww… WECOM_AGENT_ID=1000002 WECOM_SECRET=… BASE_URL=https://oa.example.com
//	go run github.com/wecomauth/wecomauth/examples/doctor@latest
//
// WECOM_API_URL, WECOM_OPEN_URL and WECOM_LOGIN_URL are the addresses of a
// private edition. WW_VERIFY, the name of a WW_verify_….txt file, and REDIS_URL,
// such as rediss://user:password@redis.example.com:6379/0, are looked at if they
// are set; with Sentinel that is
// redis://user:password@sentinel1:26379?addr=sentinel2:26379&master_set=mymaster.
// Redis is opened as core/redisstore does; other stores are not looked at.
//
// It changes nothing, and prints no secret, no token, and nothing of REDIS_URL.
// The exit status is 1 if something has to be mended.
package main

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/wecomauth/wecomauth/core/wecom"
)

func main() {
	p := patient{
		app: wecom.App{
			CorpID: os.Getenv("WECOM_CORP_ID"), AgentID: os.Getenv("WECOM_AGENT_ID"), Secret: os.Getenv("WECOM_SECRET"),
			APIURL: os.Getenv("WECOM_API_URL"), OpenURL: os.Getenv("WECOM_OPEN_URL"), LoginURL: os.Getenv("WECOM_LOGIN_URL"),
		},
		baseURL: os.Getenv("BASE_URL"), verifyFile: os.Getenv("WW_VERIFY"), redisURL: os.Getenv("REDIS_URL"),
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
	redisURL   string

	site   *http.Client // reaches BaseURL
	lookup func(ctx context.Context, host string) ([]string, error)
	now    func() time.Time

	reached bool      // WeCom answers
	theirs  time.Time // its time, if it sends one
	ours    time.Time // at that moment
	token   string    // once gettoken has worked
	agent   *agent    // once agent/get has worked
}

// base is BASE_URL, or nil if settings finds that it is no address.
func (p *patient) base() *url.URL {
	u, err := url.Parse(p.baseURL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
		return nil
	}
	return u
}

// check is one question about the service.
type check struct {
	name wecom.Text
	run  func(p *patient, ctx context.Context) finding
}

// checks are in the order in which things depend on each other.
var checks = []check{
	{say("settings", "配置"), (*patient).settings},
	{say("the way to WeCom", "到企业微信的网络"), (*patient).reach},
	{say("clock", "时钟"), (*patient).clock},
	{say("CorpID and Secret (gettoken)", "CorpID 与 Secret"), (*patient).secret},
	{say("trusted IP and AgentID (agent/get)", "企业可信IP 与 AgentID"), (*patient).console},
	{say("the app is switched on", "应用已启用"), (*patient).switchedOn},
	{say("visible range", "可见范围"), (*patient).visible},
	{say("trusted domain", "可信域名"), (*patient).domain},
	{say("BaseURL: DNS", "BaseURL：域名解析"), (*patient).dns},
	{say("BaseURL: the service answers", "BaseURL：服务可达"), (*patient).answers},
	{say("WW_verify file", "WW_verify 文件"), (*patient).verify},
	{say("session store (Redis only)", "会话存储（仅检查 Redis）"), (*patient).redis},
}
