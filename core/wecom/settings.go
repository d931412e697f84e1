package wecom

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// callTimeout bounds one call; WeCom's own advice is 5 to 10 seconds.
// https://developer.work.weixin.qq.com/document/path/90315
const callTimeout = 5 * time.Second

const maxSetting = 128 // bytes of a CorpID or Secret; real ones have 18 and 43

// settings are what the checked App comes to.
type settings struct {
	api      *api
	inClient piecewise
	webLogin piecewise
}

// check reports every mistake at once.
func (a App) check(needSecret bool) (settings, error) {
	var errs []error
	fail := func(err error) {
		if err != nil {
			errs = append(errs, err)
		}
	}
	fail(checkWord("CorpID", a.CorpID, "copy it from 我的企业 > 企业信息 in the WeCom console"))
	fail(checkAgentID(a.AgentID))
	if needSecret || a.Secret != "" {
		fail(checkWord("Secret", a.Secret, "copy it from the app's page in the WeCom console, or set Tokens"))
	}
	errs = append(errs, a.checkLinked()...)
	urls, err := a.checkURLs()
	fail(err)
	if len(errs) > 0 {
		return settings{}, errors.Join(errs...)
	}
	return settings{
		api:      &api{base: urls.api, http: a.httpClient(), secret: a.Secret},
		inClient: a.inClientPage(urls.open), webLogin: a.webLoginPage(urls.login),
	}, nil
}

// bases are the three addresses of WeCom.
type bases struct{ api, open, login string }

func (a App) checkURLs() (bases, error) {
	apiURL, err1 := baseURL("APIURL", a.APIURL, "https://qyapi.weixin.qq.com")
	openURL, err2 := baseURL("OpenURL", a.OpenURL, "https://open.weixin.qq.com")
	loginURL, err3 := baseURL("LoginURL", a.LoginURL, "https://login.work.weixin.qq.com")
	return bases{apiURL, openURL, loginURL}, errors.Join(err1, err2, err3)
}

// checkWord never repeats the value: it may be a secret in the wrong place.
func checkWord(name, value, remedy string) error {
	blank := func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }
	switch {
	case value == "":
		return fmt.Errorf("wecom: %s is empty: %s", name, remedy)
	case len(value) > maxSetting:
		return fmt.Errorf("wecom: %s has %d bytes, more than %d: %s", name, len(value), maxSetting, remedy)
	case strings.TrimFunc(value, blank) != value:
		return fmt.Errorf("wecom: %s begins or ends with a blank or a line break, "+
			"as the content of a secret file often does: trim it with strings.TrimSpace", name)
	case strings.ContainsFunc(value, blank):
		return fmt.Errorf("wecom: %s holds a blank or a control character: %s", name, remedy)
	}
	return nil
}

func (a App) checkLinked() (errs []error) {
	for i, corpID := range a.LinkedCorps {
		name := fmt.Sprintf("LinkedCorps[%d]", i)
		err := checkWord(name, corpID, "copy the linked company's CorpID from its own WeCom console, or leave it out")
		switch {
		case err != nil:
		case strings.Contains(corpID, "/"):
			err = fmt.Errorf("wecom: %s holds a slash: write the CorpID alone, without a userid", name)
		case corpID == a.CorpID:
			err = fmt.Errorf("wecom: %s is the app's own CorpID: leave it out, its employees may log in anyway", name)
		case slices.Contains(a.LinkedCorps[:i], corpID):
			err = fmt.Errorf("wecom: %s repeats an earlier one: leave it out", name)
		}
		if err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}

func checkAgentID(value string) error {
	// ParseUint refuses signs; printing the number again refuses leading zeros.
	n, err := strconv.ParseUint(value, 10, 63)
	if err != nil || n == 0 || strconv.FormatUint(n, 10) != value {
		return errors.New("wecom: AgentID must be a positive decimal integer such as 1000002: " +
			"copy it from the app's page in the WeCom console")
	}
	return nil
}

// baseURL returns value, or def if it is empty, without a slash at its end. The
// error does not repeat the value: a password may sit in it.
func baseURL(name, value, def string) (string, error) {
	if value == "" {
		return def, nil
	}
	u, err := url.Parse(value)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return "", fmt.Errorf("wecom: %s must be an absolute http or https address such as %s", name, def)
	}
	if u.User != nil || strings.ContainsAny(value, "?#") {
		return "", fmt.Errorf("wecom: %s must not hold a user name, a query or a fragment: "+
			"leave only scheme, host and path, such as %s", name, def)
	}
	return strings.TrimRight(u.String(), "/"), nil
}

// httpClient is a copy, so that the application's own client stays as it is.
func (a App) httpClient() *http.Client {
	var c http.Client
	if a.HTTPClient != nil {
		c = *a.HTTPClient
	}
	if c.Timeout <= 0 {
		c.Timeout = callTimeout
	}
	// Following a redirect would hand the secrets in the query to another host.
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}
