package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/redis/rueidis"

	"github.com/wecomauth/wecomauth/core/wecom"
)

// host is that of BaseURL, or "".
func (p *patient) host() string {
	u, err := url.Parse(p.baseURL)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

func (p *patient) dns(ctx context.Context) finding {
	if p.host() == "" {
		return finding{}
	}
	addrs, err := p.lookup(ctx, p.host())
	if err != nil {
		return finding{wrong, err.Error(), wecom.Text{
			EN: "The host of BASE_URL does not resolve here. Employees' devices must resolve it; add the DNS record.",
			ZH: "BASE_URL 的域名在本机无法解析。员工设备必须能解析该域名，请添加 DNS 记录。"}}
	}
	return fine("%s", strings.Join(addrs, ", "))
}

// answers loads BaseURL as a browser would: any answer of the service will do.
func (p *patient) answers(ctx context.Context) finding {
	if p.host() == "" {
		return finding{}
	}
	res, err := p.get(ctx, p.baseURL)
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var unverified *tls.CertificateVerificationError
	switch {
	case errors.As(err, &authority), errors.As(err, &host), errors.As(err, &invalid), errors.As(err, &unverified):
		return finding{wrong, err.Error(), wecom.Text{
			EN: "The certificate is not one that browsers accept for this host: install one for it, with the whole chain.",
			ZH: "证书不被浏览器接受。请为该域名安装有效证书，并包含完整证书链。"}}
	case err != nil:
		return finding{wrong, err.Error(), wecom.Text{
			EN: "Nothing answers at BASE_URL. Start the service and its proxy; check ports and firewalls. (Behind some NATs a machine cannot reach its own public address: try from elsewhere.)",
			ZH: "BASE_URL 无应答。请启动服务及其反向代理，检查端口与防火墙。（某些 NAT 下本机无法访问自己的公网地址，请换一台机器再试。）"}}
	case res.StatusCode >= 502 && res.StatusCode <= 504:
		return finding{wrong, res.Status, wecom.Text{
			EN: "The proxy answers, and does not reach the service: check its upstream.",
			ZH: "代理有应答，但无法连到后端服务，请检查 upstream 配置。"}}
	}
	return fine("%s", res.Status)
}

var verifyName = regexp.MustCompile(`^WW_verify_([A-Za-z0-9]+)\.txt$`)

// verify fetches the file from the domain's root, as WeCom does.
func (p *patient) verify(ctx context.Context) finding {
	u, err := url.Parse(p.baseURL)
	if p.verifyFile == "" || err != nil {
		return finding{what: "WW_VERIFY is not set"}
	}
	m := verifyName.FindStringSubmatch(p.verifyFile)
	if m == nil {
		return finding{wrong, p.verifyFile, wecom.Text{
			EN: "WW_VERIFY is the bare name of the file that the console offers: WW_verify_….txt.",
			ZH: "WW_VERIFY 应为管理后台提供的文件名：WW_verify_….txt。"}}
	}
	fix := wecom.Text{
		EN: "Serve the file at the root of the domain, outside the login: wecom.VerifyFile.",
		ZH: "请在域名根目录提供该文件，且不要求登录：wecom.VerifyFile。"}
	res, err := p.get(ctx, u.Scheme+"://"+u.Host+"/"+p.verifyFile)
	switch {
	case err != nil:
		return finding{wrong, err.Error(), fix}
	case res.StatusCode != http.StatusOK:
		return finding{wrong, res.Status, fix}
	case string(res.body) != m[1]:
		return finding{wrong, "the file holds something else", fix}
	}
	return fine("%s", p.verifyFile)
}

// get does not follow redirects: to a login, for one.
func (p *patient) get(ctx context.Context, address string) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return answer{}, err
	}
	client := *p.site
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<10))
	return answer{res, body}, err
}

// redis looks whether sessions and revocations stay where they are put.
func (p *patient) redis(ctx context.Context) finding {
	if p.redisAddr == "" {
		return finding{what: "REDIS_ADDR is not set"}
	}
	client, err := rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{p.redisAddr}, DisableCache: true})
	if err != nil {
		return finding{wrong, err.Error(), wecom.Text{
			EN: "Redis cannot be reached, or wants a password: check its address, and that it accepts connections from here.",
			ZH: "无法连接 Redis，或需要密码。请检查地址，并确认允许从本机连接。"}}
	}
	defer client.Close()
	policy, err := client.Do(ctx, client.B().ConfigGet().Parameter("maxmemory-policy").Build()).AsStrMap()
	switch {
	case err != nil:
		return finding{warning, "its settings cannot be read", wecom.Text{
			EN: "See to it that maxmemory-policy is noeviction.", ZH: "请确认 maxmemory-policy 为 noeviction。"}}
	case policy["maxmemory-policy"] != "noeviction":
		return finding{wrong, "maxmemory-policy " + policy["maxmemory-policy"], wecom.Text{
			EN: "Redis may throw away sessions and revocations: set maxmemory-policy to noeviction.",
			ZH: "Redis 可能丢弃会话和吊销记录，请把 maxmemory-policy 设为 noeviction。"}}
	}
	return fine("%s", p.redisAddr)
}
