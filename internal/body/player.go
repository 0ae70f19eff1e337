package body

import (
	"net/url"
	"regexp"
	"strings"
)

// Player is a site whose videos or sounds other pages embed.
type Player struct {
	Name string // for people
	Page string // the page of the video, for readers whose terminal does not embed it
}

// players are the known sites, by the host of what is embedded. A path or query with the
// number of a video leads to its page.
var players = []struct {
	host, name string
	id         *regexp.Regexp // in the path and query
	page       string         // with %s for the id; empty: the embedded address
}{
	{"player.bilibili.com", "哔哩哔哩", regexp.MustCompile(`[?&]bvid=(BV[0-9A-Za-z]+)`), "https://www.bilibili.com/video/%s"},
	{"player.bilibili.com", "哔哩哔哩", regexp.MustCompile(`[?&]aid=(\d+)`), "https://www.bilibili.com/video/av%s"},
	{"v.qq.com", "腾讯视频", regexp.MustCompile(`[?&]vid=([0-9A-Za-z]+)`), "https://v.qq.com/x/page/%s.html"},
	{"player.youku.com", "优酷", regexp.MustCompile(`^/(?:embed|player\.php/sid)/([0-9A-Za-z=]+)`), "https://v.youku.com/v_show/id_%s.html"},
	{"open.iqiyi.com", "爱奇艺", nil, ""},
	{"player.mgtv.com", "芒果TV", nil, ""},
	{"www.ixigua.com", "西瓜视频", regexp.MustCompile(`^/iframe/(\d+)`), "https://www.ixigua.com/%s"},
	{"open.douyin.com", "抖音", regexp.MustCompile(`[?&]vid=(\d+)`), "https://www.douyin.com/video/%s"},
	{"player.cntv.cn", "央视网", nil, ""},
	{"tv.sohu.com", "搜狐视频", nil, ""},
	{"liveshare.huya.com", "虎牙", nil, ""},
	{"music.163.com", "网易云音乐", regexp.MustCompile(`[?&]id=(\d+)`), "https://music.163.com/song?id=%s"},
	{"www.ximalaya.com", "喜马拉雅", nil, ""},
	{"www.youtube.com", "YouTube", regexp.MustCompile(`^/embed/([0-9A-Za-z_-]{6,})`), "https://www.youtube.com/watch?v=%s"},
	{"www.youtube-nocookie.com", "YouTube", regexp.MustCompile(`^/embed/([0-9A-Za-z_-]{6,})`), "https://www.youtube.com/watch?v=%s"},
	{"player.vimeo.com", "Vimeo", regexp.MustCompile(`^/video/(\d+)`), "https://vimeo.com/%s"},
	{"www.dailymotion.com", "Dailymotion", regexp.MustCompile(`^/embed/video/([0-9A-Za-z]+)`), "https://www.dailymotion.com/video/%s"},
	{"w.soundcloud.com", "SoundCloud", nil, ""},
	{"open.spotify.com", "Spotify", regexp.MustCompile(`^/embed/([a-z]+/[0-9A-Za-z]+)`), "https://open.spotify.com/%s"},
	{"www.facebook.com", "Facebook", nil, ""},
	{"player.twitch.tv", "Twitch", nil, ""},
	{"archive.org", "Internet Archive", nil, ""},
}

// PlayerOf returns the site of an embedded address. Only those that are known may be
// embedded in a page; the page of others is the address itself.
func PlayerOf(src string) (p Player, known bool) {
	u, err := url.Parse(src)
	if err != nil {
		return Player{Page: src}, false
	}
	for _, site := range players {
		if u.Host != site.host {
			continue
		}
		if p.Name == "" {
			p = Player{site.name, src}
		}
		if site.id == nil {
			continue
		}
		if found := site.id.FindStringSubmatch(u.Path + "?" + u.RawQuery); found != nil {
			return Player{site.name, strings.Replace(site.page, "%s", found[1], 1)}, true
		}
	}
	if p.Name == "" {
		return Player{Page: src}, false
	}
	return p, u.Scheme == "https"
}
