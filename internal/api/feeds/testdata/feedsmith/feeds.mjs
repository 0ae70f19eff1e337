// Reads every feed of a running Tonggao with npm's feedsmith, page by page, and
// holds what it understood against what the GraphQL API says. Wants the address.
import assert from 'node:assert/strict'
import { parseAtomFeed, parseJsonFeed, parseRssFeed } from 'feedsmith'

const base = process.argv[2]

const ask = async (query, variables = {}) => {
  const response = await fetch(`${base}/graphql`, {
    method: 'POST', headers: { 'content-type': 'application/json', 'x-tonggao-terminal': 'FEED' }, body: JSON.stringify({ query, variables }),
  })
  const { data, errors } = await response.json()
  assert.equal(errors, undefined)
  return data
}

const articles = async (filter) => {
  const list = []
  for (let after = null; ;) {
    const { articles: page } = await ask(`query ($filter: ArticleFilter, $after: Cursor) { articles(filter: $filter, first: 50, after: $after) {
      edges { node { id title lead tags publishedAt updatedAt cover author publisher { name } category { name } body { text } } }
      pageInfo { hasNextPage endCursor } } }`, { filter, after })
    list.push(...page.edges.map(({ node }) => node))
    if (!page.pageInfo.hasNextPage) return list
    after = page.pageInfo.endCursor
  }
}

const absolute = (address) => new URL(address, base).href
const time = (text) => new Date(text).getTime()
const next = (links) => links.find(({ rel }) => rel === 'next')?.href

// Each form: what there is of a feed and of its items, in the same words.
const forms = {
  'rss.xml': (text) => {
    const feed = parseRssFeed(text)
    return { title: feed.title, home: feed.link, self: feed.atom.links.find(({ rel }) => rel === 'self').href, next: next(feed.atom.links),
      items: feed.items.map((i) => ({ id: i.guid.value, url: i.link, title: i.title, lead: i.description, html: i.content.encoded, author: i.dc.creators?.[0] ?? i.dc.creator,
        published: i.pubDate, updated: i.atom.updated, tags: i.categories.map(({ name }) => name), cover: i.enclosures?.[0]?.url })) }
  },
  'atom.xml': (text) => {
    const feed = parseAtomFeed(text)
    const link = (links, rel) => links.find((l) => l.rel === rel)?.href
    const textOf = (t) => t?.value ?? t
    return { title: textOf(feed.title), home: link(feed.links, 'alternate'), self: link(feed.links, 'self'), next: next(feed.links),
      items: feed.entries.map((e) => ({ id: e.id, url: link(e.links, 'alternate'), title: textOf(e.title), lead: textOf(e.summary), html: textOf(e.content),
        author: e.authors[0].name, published: e.published, updated: e.updated, tags: e.categories.map(({ term }) => term), cover: link(e.links, 'enclosure') })) }
  },
  'feed.json': (text) => {
    const feed = parseJsonFeed(text)
    return { title: feed.title, home: feed.home_page_url, self: feed.feed_url, next: feed.next_url,
      items: feed.items.map((i) => ({ id: i.id, url: i.url, title: i.title, lead: i.summary, html: i.content_html, author: i.authors[0].name,
        published: i.date_published, updated: i.date_modified, tags: i.tags, cover: i.image })) }
  },
}

const check = (item, article, form) => {
  const where = `${form} ${article.id}`
  assert.equal(item.id, `urn:x-tonggao:${article.id}`, where)
  assert.equal(item.title, article.title, where)
  assert.equal(item.lead ?? '', article.lead, where)
  assert.equal(item.author, article.author || article.publisher.name, where)
  const second = form === 'rss.xml' ? 1000 : 1
  assert.equal(Math.floor(time(item.published) / second), Math.floor(time(article.publishedAt) / second), where)
  assert.equal(time(item.updated), Math.max(time(article.updatedAt), time(article.publishedAt)), where)
  assert.deepEqual(new Set(item.tags), new Set([article.category.name, ...article.tags]), where)
  assert.equal(item.cover, article.cover ? absolute(article.cover) : undefined, where)
  assert.ok(item.url.startsWith('http'), where)
  assert.ok(item.html.includes('<p>') || article.body.text === '', where)
  // The labels that begin the text are worded otherwise for each terminal.
  const plain = item.html.replace(/<[^>]*>/g, '').replace(/\s/g, '')
  const first = article.body.text.split('\n').find((line) => line && !line.startsWith('【')).replace(/[<>&"']/g, '').replace(/\s/g, '').slice(0, 8)
  assert.ok(plain.includes(first), `${where}: the text does not have ${first}`)
}

const conditions = async (address) => {
  const get = async (headers) => (await fetch(address, { headers })).status
  const response = await fetch(address)
  const tag = response.headers.get('etag'), since = response.headers.get('last-modified')
  assert.equal(await get({ 'if-none-match': tag }), 304, address)
  assert.equal(await get({ 'if-none-match': '"x"' }), 200, address)
  if (since) assert.equal(await get({ 'if-modified-since': since }), 304, address)
  return since ? 2 : 1
}

const { categories, regions } = await ask('{ categories { id slug children { id slug } } regions { id slug } }')
const sources = [{ path: '', filter: {} }]
for (const c of categories.flatMap((c) => [c, ...c.children])) sources.push({ path: `category/${c.slug}/`, filter: { category: c.id } })
for (const r of regions) sources.push({ path: `region/${r.slug}/`, filter: { region: r.id } })
for (const tag of new Set((await articles({})).flatMap(({ tags }) => tags))) sources.push({ path: `tag/${encodeURIComponent(tag)}/`, filter: { tag } })

let feeds = 0, items = 0, answers304 = 0
for (const { path, filter } of sources) {
  const want = await articles({ ...filter, terminal: 'FEED' })
  for (const [file, parse] of Object.entries(forms)) {
    const found = []
    let address = `${base}/feeds/${path}${file}`
    answers304 += await conditions(address)
    while (address) {
      const response = await fetch(address)
      assert.equal(response.status, 200, address)
      const text = await response.text()
      if (want.length === 0) break // feedsmith leaves empty lists out
      const feed = parse(text)
      assert.equal(feed.self, address)
      assert.ok(feed.title && feed.home, address)
      found.push(...feed.items)
      address = feed.next
    }
    assert.equal(found.length, want.length, `${path}${file}`)
    found.forEach((item, i) => check(item, want[i], file))
    feeds++
    items += found.length
  }
}
console.log(`${feeds} feeds with ${items} items are understood without loss; ${answers304} conditional requests were answered with 304`)
