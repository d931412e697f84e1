package main

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"strings"

	"github.com/wecomauth/wecomauth/core/wecom"
)

func (p *patient) dns(ctx context.Context) finding {
	u := p.base()
	if u == nil {
		return finding{}
	}
	addrs, err := p.lookup(ctx, u.Hostname())
	if err != nil {
		return finding{wrong, fact(err.Error()), say(
			"The host of BASE_URL does not resolve here. Employees' devices must resolve it; add the DNS record.",
			"BASE_URL 的域名在本机无法解析。员工设备必须能解析该域名，请添加 DNS 记录。")}
	}
	return fine(fact(strings.Join(addrs, ", ")))
}

// answers loads BaseURL as a browser would: any answer of the service will do.
func (p *patient) answers(ctx context.Context) finding {
	if p.base() == nil {
		return finding{}
	}
	res, err := get(ctx, *p.site, p.baseURL, maxPage)
	invalid := (*tls.CertificateVerificationError)(nil)
	switch {
	case errors.As(err, &invalid):
		return finding{wrong, fact(err.Error()), say(
			"The certificate is not one that browsers accept for this host: install one for it, with the whole chain.",
			"证书不被浏览器接受。请为该域名安装有效证书，并包含完整证书链。")}
	case err != nil:
		return finding{wrong, fact(err.Error()), say(
			"Nothing answers at BASE_URL, or not by its scheme. Start the service and its proxy; check ports and firewalls. (Behind some NATs a machine cannot reach its own public address: try from elsewhere.)",
			"BASE_URL 无应答，或协议（http/https）不符。请启动服务及其反向代理，检查端口与防火墙。（某些 NAT 下本机无法访问自己的公网地址，请换一台机器再试。）")}
	case res.StatusCode >= 502 && res.StatusCode <= 504:
		return finding{wrong, fact(res.Status), say(
			"The proxy answers, and does not reach the service: check its upstream.",
			"代理有应答，但无法连到后端服务，请检查 upstream 配置。")}
	}
	return fine(fact(res.Status))
}

// maxPage is how much of a page is read, in bytes.
const maxPage = 1 << 10

// verify fetches the file from the domain's root, as WeCom does.
func (p *patient) verify(ctx context.Context) finding {
	u := p.base()
	switch {
	case p.verifyFile == "":
		return finding{what: say("WW_VERIFY is not set", "未设置 WW_VERIFY")}
	case u == nil:
		return finding{}
	}
	if _, err := wecom.VerifyFile(p.verifyFile); err != nil {
		return finding{wrong, fact(p.verifyFile), say(
			"WW_VERIFY is the bare name of the file that the console offers: WW_verify_….txt.",
			"WW_VERIFY 应为管理后台提供的文件名：WW_verify_….txt。")}
	}
	fix := say("Serve the file at the root of the domain, outside the login: wecom.VerifyFile.",
		"请在域名根目录提供该文件，且不要求登录：wecom.VerifyFile。")
	res, err := get(ctx, *p.site, u.Scheme+"://"+u.Host+"/"+p.verifyFile, maxPage)
	switch {
	case err != nil:
		return finding{wrong, fact(err.Error()), fix}
	case res.StatusCode != http.StatusOK:
		return finding{wrong, fact(res.Status), fix}
	case "WW_verify_"+string(res.body)+".txt" != p.verifyFile:
		return finding{wrong, say("the file holds something else", "文件内容不符"), fix}
	}
	return fine(fact(p.verifyFile))
}
