package geoip

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// provinces maps ISO 3166-2:CN to the names that are shown.
var provinces = map[string]string{
	"BJ": "北京", "TJ": "天津", "HE": "河北", "SX": "山西", "NM": "内蒙古", "LN": "辽宁", "JL": "吉林", "HL": "黑龙江", "SH": "上海", "JS": "江苏",
	"ZJ": "浙江", "AH": "安徽", "FJ": "福建", "JX": "江西", "SD": "山东", "HA": "河南", "HB": "湖北", "HN": "湖南", "GD": "广东", "GX": "广西",
	"HI": "海南", "CQ": "重庆", "SC": "四川", "GZ": "贵州", "YN": "云南", "XZ": "西藏", "SN": "陕西", "GS": "甘肃", "QH": "青海", "NX": "宁夏", "XJ": "新疆",
	"HK": "中国香港", "MO": "中国澳门", "TW": "中国台湾",
}

// byName maps the short name of a province to its code.
var byName = func() map[string]string {
	m := make(map[string]string, len(provinces))
	for code, name := range provinces {
		m[strings.TrimPrefix(name, "中国")] = code
	}
	return m
}()

// suffixes are left out in short names; longer ones come first.
var suffixes = []string{"特别行政区", "维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "省", "市"}

// known reports whether text is a name, and not one of the marks for unknown or reserved
// addresses.
func known(text string) bool {
	switch text {
	case "", "0", "内网IP", "保留", "保留地址", "局域网", "Reserved", "未知":
		return false
	}
	return utf8.ValidString(text) && len(text) <= maxName
}

const maxName = 90 // bytes, thirty Chinese characters

var inChinese = display.Regions(language.Chinese)

// name returns the name that is shown for a place, or "".
func (p place) name() string {
	code := strings.ToUpper(strings.TrimSpace(p.code))
	if name := provinces[code]; code == "HK" || code == "MO" || code == "TW" {
		return name
	}
	if code == "CN" || p.country == "中国" {
		return province(p.province)
	}
	if name := province(p.country); strings.HasPrefix(name, "中国") && name != "中国" { // 香港 as a country
		return name
	}
	if region, err := language.ParseRegion(code); err == nil && region.IsCountry() {
		if name := inChinese.Name(region); name != "" {
			return name
		}
	}
	if !known(p.country) {
		return ""
	}
	return p.country
}

// province returns the name that is shown for a province of China, given by any of its
// names, and 中国 where the province is not known.
func province(name string) string {
	if short, ok := provinces[name]; ok {
		return short
	}
	short := strings.TrimPrefix(name, "中国")
	for _, suffix := range suffixes {
		if before, found := strings.CutSuffix(short, suffix); found {
			short = before
			break
		}
	}
	if code, ok := byName[short]; ok {
		return provinces[code]
	}
	return "中国"
}
