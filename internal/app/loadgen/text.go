package loadgen

import (
	"strings"
	"unicode/utf8"

	"github.com/tonggao/tonggao/internal/body"
)

// Words from elderly care. Sentences of them look like Chinese and mean nothing.
var (
	subjects = strings.Fields("社区食堂 护理员 日间照料中心 老年大学 康复师 志愿者 街道办 院长 家属 村委会 施工队 营养师 班组长 合唱队 巡房小组 门诊部 物业 老两口 值班经理 采购组")
	verbs    = strings.Fields("调整了 记录了 试用了 讨论了 推迟了 重新安排了 核对了 公布了 整理了 添置了 拆除了 加宽了 减少了 延长了 分担了 评估了 登记了 更换了 减免了 走访了")
	objects  = strings.Fields("夜间巡房的次数 餐费补贴 走廊扶手 轮椅坡道 血压台账 送餐路线 床位价格 防滑地砖 呼叫按钮 课程表 探视时间 药品清单 阳台门槛 公交站牌 健康讲座 采购合同 值班表 洗浴间 花园小径 智能手环")
	links    = strings.Fields("随后 不过 与此同时 据介绍 第二天 半年后 在此之前 按照约定 从账本看 一位老人说")
	topics   = strings.Fields("养老 护理 康复 适老改造 智慧养老 社区食堂 医养结合 老年教育 防诈骗 长期照护")
)

func (w writer) pick(list []string) string { return list[w.random.IntN(len(list))] }

func (w writer) title() string {
	return w.pick(subjects) + w.pick(verbs) + w.pick(objects)
}

func (w writer) tags() []string {
	tags := []string{w.pick(topics)}
	if other := w.pick(topics); other != tags[0] {
		tags = append(tags, other)
	}
	return tags
}

func (w writer) sentence() string {
	s := w.title()
	if w.random.IntN(2) == 0 {
		s = w.pick(links) + "\uff0c" + s
	}
	if w.random.IntN(3) == 0 {
		s += "\uff0c" + w.pick(verbs) + w.pick(objects)
	}
	return s + "。"
}

func (w writer) paragraph() body.Node {
	var b strings.Builder
	for range 3 + w.random.IntN(5) {
		b.WriteString(w.sentence())
	}
	return body.Paragraph(body.Text(b.String()))
}

// document returns a body of the given number of characters and at most overshoot more,
// with an occasional heading, list or table.
func (w writer) document(characters int) body.Document {
	var blocks []body.Node
	for n := 0; n < characters; {
		block := w.paragraph()
		switch w.random.IntN(12) {
		case 0:
			block = body.Heading(2, body.Text(w.title()))
		case 1:
			block = body.BulletList(w.item(), w.item(), w.item())
		case 2:
			block = body.TableOf(w.row(), w.row(), w.row())
		}
		blocks = append(blocks, block)
		n += size(block)
	}
	return body.Doc(blocks...)
}

// size returns the number of characters of a node.
func size(n body.Node) int {
	characters := utf8.RuneCountInString(n.Text)
	for _, child := range n.Content {
		characters += size(child)
	}
	return characters
}

func (w writer) item() body.Node { return body.ListItem(body.Paragraph(body.Text(w.sentence()))) }

func (w writer) row() body.Node {
	cell := func(s string) body.Node { return body.Cell(body.Paragraph(body.Text(s))) }
	return body.Row(cell(w.pick(subjects)), cell(w.pick(objects)))
}
