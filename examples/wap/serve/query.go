package serve

// The queries, one for each page: what every page needs is part of each.

const navFragment = `
fragment Nav on Query {
  site { name contact copyright icpNumber reportWorkingDays }
  regions { slug name }
  categories { slug name }
  hot: trending(window: WEEK, first: 8) { slug title }
}`

const cardFragment = `
fragment Card on Article {
  slug title lead publishedAt viewCount commentCount labelTexts category { name } region { name }
  coverImage { url alt width height variants { url width height } }
}`

const navQuery = `query { ...Nav }` + navFragment

const listQuery = `query ($category: ID, $slug: String, $inCategory: Boolean!, $region: ID, $regionSlug: String, $inRegion: Boolean!, $after: Cursor) {
  ...Nav
  category(slug: $slug) @include(if: $inCategory) { slug name breadcrumb { slug name } children { slug name } }
  region(slug: $regionSlug) @include(if: $inRegion) { slug name }
  articles(filter: {category: $category, region: $region}, first: 12, after: $after) {
    edges { node { ...Card } } pageInfo { hasNextPage endCursor }
  }
}` + navFragment + cardFragment

const searchQuery = `query ($words: String!, $after: Cursor) {
  ...Nav
  articles: search(query: $words, first: 12, after: $after) { edges { node { ...Card } } pageInfo { hasNextPage endCursor } }
}` + navFragment + cardFragment

const articleQuery = `query ($slug: String!, $after: Cursor) {
  ...Nav
  article(slug: $slug) {
    id slug title subtitle lead author originIpMasked ipRegion disclaimer tags labelTexts
    publishedAt updatedAt viewCount commentCount commentsOpen canonical: url(terminal: WEB)
    publisher { name } source { name url } region { slug name } breadcrumb { slug name }
    coverImage { url alt width height variants { url width height } }
    body { html(terminal: WAP) }
    previous { slug title } next { slug title }
    related(first: 6) { slug title }
    comments(first: 10, after: $after) {
      edges { node { ...Remark replies(first: 10) { edges { node { ...Remark } } } } } pageInfo { hasNextPage endCursor }
    }
  }
}
fragment Remark on Comment { id author text createdAt ipRegion }` + navFragment

const whyMissing = `query ($slug: String!) { article(slug: $slug) { status } }`

const recordView = `mutation ($article: ID!) { recordView(input: {article: $article}) { recorded } }`

const addComment = `mutation ($input: AddCommentInput!) { addComment(input: $input) { comment { status } userErrors { field message } } }`

const targetQuery = `query ($id: ID!) {
  ...Nav
  node(id: $id) { __typename ... on Article { slug title } ... on Comment { text article { slug title } } ... on Publisher { name } }
}` + navFragment

const fileReport = `mutation ($input: FileReportInput!) { fileReport(input: $input) { receipt report { dueAt } userErrors { field message } } }`

const statusQuery = `query ($receipt: String!, $given: Boolean!) {
  ...Nav
  reportStatus(receipt: $receipt) @include(if: $given) { status kind filedAt dueAt overdue missing reason attachments { id } }
}` + navFragment

const addMaterial = `mutation ($input: ReportMaterialInput!) { addReportMaterial(input: $input) { report { missing } userErrors { field message } } }`
