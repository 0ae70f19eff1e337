package demo

import (
	"slices"

	"github.com/tonggao/tonggao/internal/content/site"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
)

// contact identifies the demo portal.
const contact = "contact@qinghe.example"

// articlePage is where the example site of examples/wap serves articles.
const articlePage = "http://127.0.0.1:8081/a/{slug}"

// Is reports whether a site is the demo portal.
func Is(f site.Facts) bool { return f.Contact == contact }

// facts returns f with what the demo portal states about itself.
func facts(f site.Facts) site.Facts {
	f.Name = "青禾养老网"
	f.Contact = contact
	f.Copyright = "(c)2008-现在 青禾养老网"
	f.ICPNumber = "澜ICP备00000000号-1"
	f.URLs = map[terminal.Terminal]string{terminal.Web: articlePage, terminal.WAP: articlePage}
	return f
}

// A named is a region or category.
type named struct{ slug, name string }

// regions are the cities of the invented province 澜江省.
var regions = []named{
	{"linlan", "临澜市"}, {"wangchuan", "望川市"}, {"qingyu", "青屿市"}, {"tongwu", "桐坞市"}, {"baiwei", "白苇市"},
	{"yundu", "云渡市"}, {"xiating", "霞汀市"}, {"liuying", "柳营市"}, {"shixi", "石溪市"}, {"nantang", "南棠市"},
}

// A categoryNode is a category and its children.
type categoryNode struct {
	named
	children []categoryNode
}

func leaf(slug, name string) categoryNode { return categoryNode{named: named{slug, name}} }

func hasCategory(list []categoryNode, slug string) bool {
	return slices.ContainsFunc(list, func(s categoryNode) bool { return s.slug == slug || hasCategory(s.children, slug) })
}

// categoryTree holds all categories.
var categoryTree = []categoryNode{
	{named{"news", "行业新闻"}, []categoryNode{
		{named{"industry", "行业动态"}, []categoryNode{leaf("operations", "机构运营"), leaf("home-care", "居家社区"), leaf("medical-care", "医养结合")}},
		{named{"policy", "政策法规"}, []categoryNode{leaf("interpretation", "政策解读"), leaf("local-rules", "地方实施"), leaf("subsidies", "补贴标准")}},
		{named{"people", "人物访谈"}, []categoryNode{leaf("directors", "院长说"), leaf("caregivers", "护理员故事")}},
		{named{"events", "展会培训"}, []categoryNode{leaf("expo", "展会预告"), leaf("training", "培训招生")}},
	}},
	{named{"products", "产品技术"}, []categoryNode{
		{named{"smart-care", "智慧养老"}, []categoryNode{leaf("devices", "智能硬件"), leaf("platforms", "平台系统")}},
		{named{"home-adaptation", "适老改造"}, []categoryNode{leaf("interiors", "居室改造"), leaf("neighbourhood", "社区改造")}},
		{named{"assistive", "康复辅具"}, []categoryNode{leaf("mobility", "行走辅具"), leaf("nursing-supplies", "护理用品")}},
	}},
	{named{"life", "生活服务"}, []categoryNode{
		{named{"health", "健康养生"}, []categoryNode{leaf("nutrition", "饮食营养"), leaf("exercise", "运动康复")}},
		{named{"learning", "老年大学"}, []categoryNode{leaf("courses", "课程天地"), leaf("clubs", "社团风采")}},
		{named{"rights", "法律权益"}, []categoryNode{leaf("guardianship", "监护赡养"), leaf("anti-fraud", "防骗提醒")}},
	}},
	{named{"market", "市场商机"}, []categoryNode{
		{named{"investment", "投资加盟"}, []categoryNode{leaf("projects", "项目合作")}},
		{named{"procurement", "采购招标"}, []categoryNode{leaf("tenders", "招标公告")}},
	}},
}

// A publisherEntry is a publisher and the key by which article files name it.
type publisherEntry struct {
	key, name string
	public    bool
}

// publishers are organisations, which are public, and people, who are not.
var publishers = []publisherEntry{
	{"qinghe", "青禾养老网编辑部", true}, {"ljmz", "澜江省养老服务协会", true}, {"linlan-daily", "临澜日报\uff08康养版\uff09", true},
	{"yunduhome", "云渡颐园", true}, {"baiweicare", "白苇护理学校", true}, {"tongwu-tech", "桐坞智护科技", true},
	{"xiating-uni", "霞汀老年大学", true}, {"nantang-law", "南棠银龄法律服务中心", true},
	{"u-3f7a", "林小满", false}, {"u-90c2", "周砚", false}, {"u-b41e", "何秋实", false},
	{"u-77d0", "沈望舒", false}, {"u-2ac9", "顾南星", false}, {"u-e5b8", "罗一禾", false},
}
