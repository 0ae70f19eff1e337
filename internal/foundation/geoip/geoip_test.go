package geoip_test

import (
	"bytes"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"

	"github.com/tonggao/tonggao/internal/foundation/geoip"
)

// The networks are those of documentation; where they are is invented.
var (
	today = xdb(3, 4, []block{
		{"192.0.2.0", "192.0.2.127", "中国|河南省|洛阳市|电信|CN"}, {"192.0.2.128", "192.0.2.255", "United States|California|San Jose|xTom|US"},
		{"198.51.100.0", "198.51.100.9", "中国|香港特别行政区|0|0|HK"}, {"198.51.100.10", "198.51.100.99", "0|0|Reserved|Reserved|Reserved"},
		{"203.0.113.0", "203.0.113.255", "日本|东京都|0|0|JP"},
	})
	before = xdb(2, 0, []block{{"192.0.2.0", "192.0.2.127", "中国|0|内蒙古自治区|包头市|移动"}, {"192.0.2.128", "192.0.2.255", "韩国|0|0|0|SK宽带"},
		{"198.51.100.0", "198.51.100.255", "0|0|0|内网IP|内网IP"}})
	six = xdb(3, 6, []block{{"2001:db8::", "2001:db8:7fff:ffff:ffff:ffff:ffff:ffff", "中国|新疆维吾尔自治区|伊犁州|电信|CN"}, {"2001:db8:8000::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "Germany|Hesse|0|0|DE"}})
)

// mmdb makes a file like MaxMind's.
func mmdb(t testing.TB) []byte {
	t.Helper()
	tree, err := mmdbwriter.New(mmdbwriter.Options{DatabaseType: "Invented-City", IncludeReservedNetworks: true})
	if err != nil {
		t.Fatal(err)
	}
	names := func(text string) mmdbtype.Map { return mmdbtype.Map{"zh-CN": mmdbtype.String(text)} }
	for network, row := range map[string]mmdbtype.Map{
		"192.0.2.0/25":    {"country": mmdbtype.Map{"iso_code": mmdbtype.String("CN"), "names": names("中国")}, "subdivisions": mmdbtype.Slice{mmdbtype.Map{"iso_code": mmdbtype.String("SN")}}},
		"192.0.2.128/25":  {"country": mmdbtype.Map{"iso_code": mmdbtype.String("CN")}, "subdivisions": mmdbtype.Slice{mmdbtype.Map{"names": names("广西壮族自治区")}}},
		"198.51.100.0/24": {"country": mmdbtype.Map{"iso_code": mmdbtype.String("TW"), "names": names("台湾")}},
		"203.0.113.0/24":  {"country": mmdbtype.Map{"iso_code": mmdbtype.String("FR")}},
		"2001:db8::/32":   {"country": mmdbtype.Map{"iso_code": mmdbtype.String("CN")}},
	} {
		_, n, err := net.ParseCIDR(network)
		if err != nil {
			t.Fatal(err)
		}
		if err := tree.Insert(n, row); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if _, err := tree.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func open(t testing.TB, files ...[]byte) *geoip.Finder {
	t.Helper()
	var names []string
	for _, content := range files {
		name := filepath.Join(t.TempDir(), "regions")
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	f, err := geoip.Open(names...)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestRegion(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		files [][]byte
		want  map[string]string
	}{
		"xdb of today, both": {[][]byte{today, six}, map[string]string{"192.0.2.0": "河南", "192.0.2.127": "河南", "192.0.2.128": "美国", "192.0.2.255": "美国",
			"192.0.3.0": "", "192.0.1.255": "", "198.51.100.5": "中国香港", "198.51.100.50": "", "198.51.100.200": "", "203.0.113.7": "日本", "8.8.8.8": "",
			"2001:db8::1": "新疆", "2001:db8:8000::1": "德国", "2001:db9::1": "", "::ffff:192.0.2.1": "河南", "fe80::1%eth0": "", "10.0.0.1": "", "127.0.0.1": "", "": "", "192.0.2": "", "192.0.2.***": ""}},
		"xdb as before 2025": {[][]byte{before}, map[string]string{"192.0.2.1": "内蒙古", "192.0.2.200": "韩国", "198.51.100.1": "", "2001:db8::1": ""}},
		"mmdb": {[][]byte{mmdb(t)}, map[string]string{"192.0.2.1": "陕西", "192.0.2.200": "广西", "198.51.100.1": "中国台湾", "203.0.113.1": "法国",
			"2001:db8::1": "中国", "8.8.8.8": ""}},
		"none": {nil, map[string]string{"192.0.2.1": ""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := open(t, c.files...)
			var all sync.WaitGroup
			for range 4 { // at once
				all.Go(func() {
					for address, want := range c.want {
						if got := f.Region(address); got != want {
							t.Errorf("%s: %q, want %q", address, got, want)
						}
					}
				})
			}
			all.Wait()
		})
	}
}

// TestRegionNames checks that every province is shown by its short name.
func TestRegionNames(t *testing.T) {
	t.Parallel()
	full := strings.Fields(`北京市 天津市 河北省 山西省 内蒙古自治区 辽宁省 吉林省 黑龙江省 上海市 江苏省 浙江省 安徽省 福建省 江西省 山东省 河南省 湖北省 湖南省
		广东省 广西壮族自治区 海南省 重庆市 四川省 贵州省 云南省 西藏自治区 陕西省 甘肃省 青海省 宁夏回族自治区 新疆维吾尔自治区 香港特别行政区 澳门特别行政区 台湾省`)
	short := strings.Fields(`北京 天津 河北 山西 内蒙古 辽宁 吉林 黑龙江 上海 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南
		广东 广西 海南 重庆 四川 贵州 云南 西藏 陕西 甘肃 青海 宁夏 新疆 中国香港 中国澳门 中国台湾`)
	texts := map[string]string{"中国|0|0|0|CN": "中国", "香港|0|0|0|HK": "中国香港", "台湾|0|0|0|0": "中国台湾", "Macao|0|0|0|MO": "中国澳门",
		"新加坡|0|0|0|0": "新加坡", "Singapore|0|0|0|SG": "新加坡", "火星|0|0|0|XX": "火星", "0|0|0|0|0": "", "": "", "\xff|0|0|0|0": "", "中国": "中国"}
	for i, name := range full {
		texts["中国|"+name+"|0|0|CN"] = short[i]
		texts["中国|"+short[i]+"|0|0|CN"] = short[i]
		texts["中国|0|"+name+"|0|移动"] = short[i]
	}
	if len(full) != 34 || len(short) != 34 {
		t.Fatalf("%d provinces, %d short names", len(full), len(short))
	}
	for text, want := range texts {
		f := open(t, xdb(3, 4, []block{{"192.0.2.0", "192.0.2.255", text}}))
		if got := f.Region("192.0.2.9"); got != want {
			t.Errorf("%q is shown as %q, want %q", text, got, want)
		}
	}
}

// TestOpenRefuses opens files that do not exist or have another format.
func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "x")
	if err := os.WriteFile(name, []byte("192.0.2.0/24,河南\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{name, filepath.Join(t.TempDir(), "nothing")} {
		if _, err := geoip.Open(file); err == nil || !strings.Contains(err.Error(), "--ip-regions") {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// FuzzDamaged changes bytes of files and checks that lookups do not panic.
func FuzzDamaged(f *testing.F) {
	files := [][]byte{today, before, six, mmdb(f)}
	f.Add(uint8(0), uint32(256+8), uint32(0xffffffff), []byte{192, 0, 2, 1})
	f.Add(uint8(2), uint32(256+(32*256+1)*8), uint32(7), []byte{32, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1})
	f.Add(uint8(3), uint32(10), uint32(0x80808080), []byte{203, 0, 113, 1})
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, which uint8, at, value uint32, ip []byte) {
		content := bytes.Clone(files[int(which)%len(files)])
		if len(content) > 1<<16 { // change used bytes: the blocks, or the vector of the address
			at = uint32(len(content)) - 1 - at%512
			if len(ip) > 1 && value%2 == 0 {
				at = 256 + (uint32(ip[0])*256+uint32(ip[1]))*8
			}
		}
		for i := range uint32(4) {
			content[(at+i)%uint32(len(content))] = byte(value >> (8 * i))
		}
		name := filepath.Join(dir, "damaged")
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
		finder, err := geoip.Open(name)
		if err != nil {
			return
		}
		if a, ok := netip.AddrFromSlice(ip); ok {
			if got := finder.Region(a.String()); len(got) > 90 {
				t.Errorf("%s is in %q", a, got)
			}
		}
	})
}

func BenchmarkRegion(b *testing.B) {
	f := open(b, today, six)
	b.ReportAllocs()
	for b.Loop() {
		if f.Region("192.0.2.1") != "河南" {
			b.Fatal("not found")
		}
	}
}
