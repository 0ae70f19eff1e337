package soak_test

// moves has at least one move for each mutation of the schema. What it is "on" are the
// items whose rows it locks or inserts below: see store.LockRows for the order.
var moves = []move{
	{mutation: "createArticle", as: "editor", on: "empty idle vacant", input: func(w *world) map[string]any {
		return map[string]any{"title": "石桥村通了公交", "category": w.id["empty"], "publisher": w.id["idle"], "region": w.id["vacant"], "body": map[string]any{"markdown": "从今天起每天六班。"}}
	}},
	{mutation: "updateArticle", as: "editor", on: "article category", input: func(w *world) map[string]any {
		return map[string]any{"article": w.id["article"], "version": w.version, "title": "白沙镇食堂换了菜单", "category": w.id["sibling"]}
	}},
	{mutation: "updateArticle", as: "editor", on: "draft empty idle vacant", input: func(w *world) map[string]any {
		return map[string]any{"article": w.id["draft"], "version": 1, "category": w.id["empty"], "publisher": w.id["idle"], "region": w.id["vacant"]}
	}},
	{mutation: "publishArticle", as: "editor", on: "draft", input: func(w *world) map[string]any { return map[string]any{"article": w.id["draft"]} }},
	{mutation: "unpublishArticle", as: "publisher", on: "article", input: func(w *world) map[string]any { return map[string]any{"article": w.id["article"]} }},
	{mutation: "deleteArticle", as: "publisher", on: "article comment pending report", input: func(w *world) map[string]any { return map[string]any{"id": w.id["article"]} }},
	{mutation: "deleteArticle", as: "publisher", on: "draft", input: func(w *world) map[string]any { return map[string]any{"id": w.id["draft"]} }},
	{mutation: "createCategory", as: "editor", on: "empty", input: func(w *world) map[string]any {
		return map[string]any{"name": "渡口", "parent": w.id["empty"], "slug": w.slug("new")}
	}},
	{mutation: "updateCategory", as: "editor", on: "category sibling", input: func(w *world) map[string]any {
		return map[string]any{"category": w.id["category"], "parent": w.id["sibling"]}
	}},
	{mutation: "updateCategory", as: "editor", on: "sibling category", input: func(w *world) map[string]any {
		return map[string]any{"category": w.id["sibling"], "parent": w.id["category"]}
	}},
	{mutation: "deleteCategory", as: "editor", on: "empty", input: func(w *world) map[string]any { return map[string]any{"id": w.id["empty"]} }},
	{mutation: "createPublisher", as: "editor", on: "publishers", input: func(w *world) map[string]any { return map[string]any{"name": "河湾报" + w.slug("")} }},
	{mutation: "updatePublisher", as: "editor", on: "idle", input: func(w *world) map[string]any { return map[string]any{"publisher": w.id["idle"], "public": true} }},
	{mutation: "deletePublisher", as: "editor", on: "idle", input: func(w *world) map[string]any { return map[string]any{"id": w.id["idle"]} }},
	{mutation: "createRegion", as: "editor", on: "regions", input: func(w *world) map[string]any { return map[string]any{"name": "北山县", "slug": w.slug("region")} }},
	{mutation: "updateRegion", as: "editor", on: "vacant", input: func(w *world) map[string]any { return map[string]any{"region": w.id["vacant"], "name": "南山县"} }},
	{mutation: "deleteRegion", as: "editor", on: "vacant", input: func(w *world) map[string]any { return map[string]any{"id": w.id["vacant"]} }},
	{mutation: "deletePicture", as: "editor", on: "picture article", input: func(w *world) map[string]any { return map[string]any{"id": w.id["picture"]} }},
	{mutation: "updateSite", as: "admin", on: "site", input: func(*world) map[string]any { return map[string]any{"contact": "请写信到镇文化站"} }},
	{mutation: "updateSite", as: "admin", on: "site", input: func(*world) map[string]any { return map[string]any{"copyright": "版权归镇文化站"} }},
	{mutation: "addComment", as: "reader", on: "article reader", input: func(w *world) map[string]any {
		return map[string]any{"article": w.id["article"], "text": "桂花糕也好吃。" + w.slug("")}
	}},
	{mutation: "addComment", as: "trusted", on: "article trusted", input: func(w *world) map[string]any {
		return map[string]any{"article": w.id["article"], "text": "食堂周末也开门。" + w.slug("")}
	}},
	{mutation: "moderateComment", as: "moderator", on: "pending article", input: func(w *world) map[string]any {
		return map[string]any{"comment": w.id["pending"], "status": "APPROVED"}
	}},
	{mutation: "moderateComment", as: "moderator", on: "comment article", input: func(w *world) map[string]any {
		return map[string]any{"comment": w.id["comment"], "status": "REJECTED", "reason": "与文章无关"}
	}},
	{mutation: "editComment", as: "reader", on: "comment article reader", input: func(w *world) map[string]any {
		return map[string]any{"comment": w.id["comment"], "text": "菜单贴在门口。"}
	}},
	{mutation: "withdrawComment", as: "reader", on: "comment article reader", input: func(w *world) map[string]any { return map[string]any{"comment": w.id["comment"]} }},
	{mutation: "moderateComments", as: "moderator", on: "comment pending article", input: func(w *world) map[string]any {
		return map[string]any{"comments": []string{w.id["pending"], w.id["comment"]}, "status": "REJECTED"}
	}},
	{mutation: "moderateComments", as: "moderator", on: "pending comment article", input: func(w *world) map[string]any {
		return map[string]any{"comments": []string{w.id["comment"], w.id["pending"]}, "status": "APPROVED"}
	}},
	{mutation: "undoModeration", as: "moderator", on: "undo comment article", input: func(w *world) map[string]any { return map[string]any{"undo": w.undo} }},
	{mutation: "trustCommenter", as: "moderator", on: "comment reader", input: func(w *world) map[string]any {
		return map[string]any{"comment": w.id["comment"], "trust": "TRUSTED"}
	}},
	{mutation: "putWordList", as: "moderator", on: "words", input: func(*world) map[string]any { return map[string]any{"name": "pairs", "text": "假药"} }},
	{mutation: "putWordList", as: "moderator", on: "words", input: func(*world) map[string]any { return map[string]any{"name": "pairs", "text": ""} }},
	{mutation: "fileReport", as: "", on: "article report", input: func(w *world) map[string]any {
		return map[string]any{"target": w.id["article"], "kind": "OTHER", "statement": "图片和文章对不上。"}
	}},
	{mutation: "fileReport", as: "", on: "comment article", input: func(w *world) map[string]any {
		return map[string]any{"target": w.id["comment"], "kind": "OTHER", "statement": "评论里有广告。"}
	}},
	{mutation: "addReportMaterial", as: "", on: "report", input: func(w *world) map[string]any {
		return map[string]any{"receipt": w.receipts["report"], "statement": "补充一张照片的说明。"}
	}},
	{mutation: "withdrawReport", as: "", on: "report", input: func(w *world) map[string]any { return map[string]any{"receipt": w.receipts["report"]} }},
	{mutation: "appealReport", as: "", on: "rejected", input: func(w *world) map[string]any {
		return map[string]any{"receipt": w.receipts["rejected"], "statement": "请再看一次材料。"}
	}},
	{mutation: "confirmLawsuit", as: "", on: "countered", input: func(w *world) map[string]any {
		return map[string]any{"receipt": w.receipts["countered"], "statement": "法院已经立案。"}
	}},
	{mutation: "reviewReport", as: "moderator", on: "report article", input: review("report", "TAKE_DOWN")},
	{mutation: "reviewReport", as: "moderator", on: "second article", input: review("second", "TAKE_DOWN")},
	{mutation: "reviewReport", as: "moderator", on: "report", input: review("report", "REJECT")},
	{mutation: "reviewReport", as: "moderator", on: "rejected", input: review("rejected", "REOPEN")},
	{mutation: "reviewReport", as: "moderator", on: "countered", input: review("countered", "RESTORE")},
	{mutation: "reviewReport", as: "moderator", on: "measures down", input: review("measures", "RESTORE")},
	{mutation: "counterReport", as: "publisher", on: "measures down", input: func(w *world) map[string]any {
		return map[string]any{"item": w.id["down"], "statement": "文章是我们自己采写的。", "contact": "0371-5550100",
			"evidence": map[string]any{"claimant": "林小满", "proof": "采访录音", "truthful": true}}
	}},
	{mutation: "takeDown", as: "moderator", on: "article picture comment report", input: item("article")},
	{mutation: "takeDown", as: "moderator", on: "comment article", input: item("comment")},
	{mutation: "takeDown", as: "moderator", on: "draft", input: item("draft")},
	{mutation: "restore", as: "moderator", on: "down", input: item("down")},
	{mutation: "reveal", as: "moderator", on: "article", input: item("article")},
	{mutation: "eraseMyself", as: "reader", on: "reader comment pending article", input: func(*world) map[string]any { return map[string]any{"sure": true} }},
	{mutation: "recordView", as: "", on: "article", input: func(w *world) map[string]any { return map[string]any{"article": w.id["article"]} }},
	{mutation: "createWebhook", as: "integrator", on: "webhooks", input: func(w *world) map[string]any {
		return map[string]any{"url": "https://example.com/new", "name": w.slug("new")}
	}},
	{mutation: "updateWebhook", as: "integrator", on: "webhook", input: func(w *world) map[string]any { return map[string]any{"webhook": w.id["webhook"], "active": false} }},
	{mutation: "deleteWebhook", as: "integrator", on: "webhook", input: func(w *world) map[string]any { return map[string]any{"id": w.id["webhook"]} }},
	{mutation: "rotateWebhookSecret", as: "integrator", on: "webhook", input: func(w *world) map[string]any { return map[string]any{"webhook": w.id["webhook"]} }},
	{mutation: "replayWebhook", as: "integrator", on: "webhook", input: func(w *world) map[string]any {
		return map[string]any{"webhook": w.id["webhook"], "from": "2026-03-01T00:00:00+08:00"}
	}},
}

// review returns the input of a decision on a report.
func review(report, decision string) func(*world) map[string]any {
	return func(w *world) map[string]any {
		return map[string]any{"report": w.id[report], "decision": decision, "reason": "看过材料"}
	}
}

// item returns the input of a move on one item.
func item(name string) func(*world) map[string]any {
	return func(w *world) map[string]any {
		return map[string]any{"item": w.id[name], "reason": "法院通知第17号"}
	}
}
