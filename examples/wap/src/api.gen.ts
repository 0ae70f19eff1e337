/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** A new comment. */
export type AddCommentInput = {
  /** The article it stands under. */
  article: string;
  /** The name to show: at most 30 characters; without it, anonymous. */
  authorName?: string | null | undefined;
  /**
   * What the captcha on the page gave (Turnstile: cf-turnstile-response; hCaptcha: h-captcha-response; reCAPTCHA: g-recaptcha-response), where
   * the operator set one up: without a token it is REQUIRED then, and NOT_ALLOWED asks for a new one. Nobody asks where nothing is set up.
   */
  captcha?: string | null | undefined;
  /**
   * A key of your own for this write, such as a random UUID: 16 to 128 characters. Send the same key again when no answer came,
   * and the comment is written once. Good for 24 hours.
   */
  idempotencyKey?: string | null | undefined;
  /** The comment it answers, under the same article. */
  parent?: string | null | undefined;
  /** The comment it quotes, under the same article. Show Comment.quote instead of copying its text, so that what is taken away is quoted nowhere. */
  quote?: string | null | undefined;
  /** What to say: plain text, 1 to 2,000 characters. */
  text: string;
  /** A trap for programs: hide the field from people (not with display: none alone) and leave it empty. */
  website?: string | null | undefined;
  /** From a mini-program: the code of wx.login, with which WeChat's msg_sec_check looks at the comment, where the operator set that up. */
  wechatCode?: string | null | undefined;
};

/** Which articles. Conditions are joined by and. */
export type ArticleFilter = {
  /** Filed in this category or anywhere below it. */
  category?: string | null | undefined;
  /** With `category`: only in the category itself. */
  exact?: boolean;
  /** Of no region (true): the articles for the whole country; or of any (false). */
  nationwide?: boolean | null | undefined;
  /** Published at this time or later. */
  publishedAfter?: string | null | undefined;
  /** Published before this time. */
  publishedBefore?: string | null | undefined;
  /** Of this publisher. */
  publisher?: string | null | undefined;
  /** Of this region. */
  region?: string | null | undefined;
  /** In this state. For its publisher, editors, moderators and administrators; for everybody else anything but PUBLISHED finds nothing. */
  status?: ArticleStatus | null | undefined;
  /** With this tag. */
  tag?: string | null | undefined;
  /** That may be shown on this terminal. */
  terminal?: Terminal | null | undefined;
};

/** Where an article is in its life. */
export type ArticleStatus =
  /** Being written. */
  | 'DRAFT'
  /** Was published until its expiresAt came. */
  | 'EXPIRED'
  /** To be seen. */
  | 'PUBLISHED'
  /** Will be published by itself at publishedAt. */
  | 'SCHEDULED'
  /** Hidden by a measure and kept as it was; only staff and its publisher see it. */
  | 'TAKEN_DOWN'
  /** Was published and was taken back by its editors. */
  | 'UNPUBLISHED';

/** What a report rests on. At most 200 characters each, if nothing else is said. */
export type EvidenceInput = {
  /** Your postal address. */
  address?: string | null | undefined;
  /** Your real name, or that of who you act for. */
  claimant?: string | null | undefined;
  /** The organisation that you act for. */
  organisation?: string | null | undefined;
  /** The first proof, in words: at most 5,000 characters. */
  proof?: string | null | undefined;
  /** You state that all of this is true. */
  truthful?: boolean | null | undefined;
  /** The title of the work whose rights are claimed. */
  workTitle?: string | null | undefined;
  /** Where the original is; at most 2,000 characters. */
  workUrl?: string | null | undefined;
};

/** A new report. */
export type FileReportInput = {
  /**
   * What the captcha on the page gave (Turnstile: cf-turnstile-response; hCaptcha: h-captcha-response; reCAPTCHA: g-recaptcha-response), where
   * the operator set one up: without a token it is REQUIRED then, and NOT_ALLOWED asks for a new one. Nobody asks where nothing is set up.
   */
  captcha?: string | null | undefined;
  /** How to reach you; never shown to anybody but those who handle the report. At most 200 characters. */
  contact?: string | null | undefined;
  /**
   * What it rests on. COPYRIGHT must state claimant, contact, address, workTitle, proof and truthful (信息网络传播权保护条例,
   * art. 14); PRIVACY and IMPERSONATION claimant, contact and proof (民法典, art. 1195); DELETION_REQUEST claimant and contact;
   * RUMOUR proof. What is missing can be handed in later; the deadline stands still until then.
   */
  evidence?: EvidenceInput | null | undefined;
  /** A key of your own for this write, such as a random UUID: 16 to 128 characters. Send the same key again when no answer came; good for 24 hours. */
  idempotencyKey?: string | null | undefined;
  /** What it complains of. */
  kind: ReportKind;
  /** What is wrong: 5 to 5,000 characters. */
  statement: string;
  /** The id of the article, comment or publisher it is about. */
  target: string;
  /** A trap for programs: hide the field from people and leave it empty. */
  website?: string | null | undefined;
};

/** What was read. */
export type RecordViewInput = {
  /** The article. */
  article: string;
};

/** What a report complains of. */
export type ReportKind =
  /** Somebody's copyright is infringed (信息网络传播权保护条例, art. 14). */
  | 'COPYRIGHT'
  /** The publisher or a person concerned asks for deletion (删稿). */
  | 'DELETION_REQUEST'
  /** Illegal information (非法信息举报). */
  | 'ILLEGAL_INFORMATION'
  /** Somebody pretends to be somebody else. */
  | 'IMPERSONATION'
  /** Anything else. */
  | 'OTHER'
  /** Somebody's privacy or reputation is harmed (民法典, art. 1195). */
  | 'PRIVACY'
  /** It spreads a rumour. */
  | 'RUMOUR'
  /** A violation of the portal's rules (违规举报). */
  | 'VIOLATION';

/** More for a report. Give at least one of the three. */
export type ReportMaterialInput = {
  /** How to reach you. */
  contact?: string | null | undefined;
  /** What it rests on; what you leave out stays as it was. */
  evidence?: EvidenceInput | null | undefined;
  /** The receipt. */
  receipt: string;
  /** What you have to say: 5 to 5,000 characters. */
  statement?: string | null | undefined;
};

/** Where a report stands. docs/reports.md has the table of all ways between the states. */
export type ReportState =
  /** Being looked into. */
  | 'ACCEPTED'
  /** The publisher objects; the portal mediates. */
  | 'COUNTERED'
  /** Filed, not looked at yet. */
  | 'FILED'
  /** The content is hidden; its publisher may object. */
  | 'MEASURES_TAKEN'
  /** The reporter has to hand something in; the deadline stands still. */
  | 'NEEDS_MATERIAL'
  /** The report was not right. */
  | 'REJECTED'
  /** The content was hidden and is shown again. */
  | 'RESTORED'
  /** The report was right, and it stays at that. */
  | 'UPHELD'
  /** The reporter took it back. */
  | 'WITHDRAWN';

/** Where an article can be shown. */
export type Terminal =
  /** A native application. */
  | 'APP'
  /** RSS, Atom, JSON Feed. */
  | 'FEED'
  /** A WeChat mini-program. */
  | 'MINI_PROGRAM'
  /** An article of a WeChat official account. */
  | 'OFFICIAL_ACCOUNT'
  /** A light page for phones. */
  | 'WAP'
  /** A desktop browser. */
  | 'WEB';

export type NavQueryVariables = Exact<{ [key: string]: never; }>;


export type NavQuery = { site: { name: string, contact: string, copyright: string, icpNumber: string | null, reportWorkingDays: number }, regions: Array<{ id: string, slug: string, name: string }>, categories: Array<{ id: string, slug: string, name: string, children: Array<{ id: string, slug: string, name: string, children: Array<{ id: string, slug: string, name: string }> }> }> };

export type CategoryFragment = { id: string, slug: string, name: string };

export type CardFragment = { slug: string, title: string, lead: string, publishedAt: string | null, viewCount: number, commentCount: number, labelTexts: Array<string> };

export type ListQueryVariables = Exact<{
  filter?: ArticleFilter | null | undefined;
  after?: string | null | undefined;
}>;


export type ListQuery = { articles: { edges: Array<{ node: { slug: string, title: string, lead: string, publishedAt: string | null, viewCount: number, commentCount: number, labelTexts: Array<string> } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type SearchQueryVariables = Exact<{
  query: string;
  after?: string | null | undefined;
}>;


export type SearchQuery = { articles: { edges: Array<{ node: { slug: string, title: string, lead: string, publishedAt: string | null, viewCount: number, commentCount: number, labelTexts: Array<string> } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type ArticleQueryVariables = Exact<{
  slug: string;
}>;


export type ArticleQuery = { article: { id: string, slug: string, title: string, subtitle: string | null, lead: string, author: string | null, originIpMasked: string | null, ipRegion: string | null, disclaimer: string, publishedAt: string | null, viewCount: number, commentCount: number, commentsOpen: boolean, publisher: { name: string }, source: { name: string, url: string | null } | null, breadcrumb: Array<{ id: string, slug: string, name: string }>, body: { html: string }, previous: { slug: string, title: string } | null, next: { slug: string, title: string } | null, related: Array<{ slug: string, title: string }> } | null };

export type RemarkFragment = { id: string, author: string | null, text: string, createdAt: string, ipRegion: string | null };

export type CommentsQueryVariables = Exact<{
  slug: string;
  after?: string | null | undefined;
}>;


export type CommentsQuery = { article: { comments: { edges: Array<{ node: { id: string, author: string | null, text: string, createdAt: string, ipRegion: string | null, replies: { edges: Array<{ node: { id: string, author: string | null, text: string, createdAt: string, ipRegion: string | null } }> } } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } } | null };

export type ReportStatusQueryVariables = Exact<{
  receipt: string;
}>;


export type ReportStatusQuery = { reportStatus: { status: ReportState, kind: ReportKind, filedAt: string, dueAt: string, overdue: boolean, missing: Array<string>, reason: string | null } | null };

export type AddCommentMutationVariables = Exact<{
  input: AddCommentInput;
}>;


export type AddCommentMutation = { addComment: { comment: { id: string } | null, userErrors: Array<{ field: Array<string>, message: string }> } };

export type FileReportMutationVariables = Exact<{
  input: FileReportInput;
}>;


export type FileReportMutation = { fileReport: { receipt: string | null, report: { dueAt: string } | null, userErrors: Array<{ field: Array<string>, message: string }> } };

export type RecordViewMutationVariables = Exact<{
  input: RecordViewInput;
}>;


export type RecordViewMutation = { recordView: { recorded: boolean } };

export type AddMaterialMutationVariables = Exact<{
  input: ReportMaterialInput;
}>;


export type AddMaterialMutation = { addReportMaterial: { report: { missing: Array<string> } | null, userErrors: Array<{ field: Array<string>, message: string }> } };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const CategoryFragmentDoc = new TypedDocumentString(`
    fragment Category on Category {
  id
  slug
  name
}
    `, {"fragmentName":"Category"}) as unknown as TypedDocumentString<CategoryFragment, unknown>;
export const CardFragmentDoc = new TypedDocumentString(`
    fragment Card on Article {
  slug
  title
  lead
  publishedAt
  viewCount
  commentCount
  labelTexts
}
    `, {"fragmentName":"Card"}) as unknown as TypedDocumentString<CardFragment, unknown>;
export const RemarkFragmentDoc = new TypedDocumentString(`
    fragment Remark on Comment {
  id
  author
  text
  createdAt
  ipRegion
}
    `, {"fragmentName":"Remark"}) as unknown as TypedDocumentString<RemarkFragment, unknown>;
export const Nav = new TypedDocumentString(`
    query Nav {
  site {
    name
    contact
    copyright
    icpNumber
    reportWorkingDays
  }
  regions {
    id
    slug
    name
  }
  categories {
    ...Category
    children {
      ...Category
      children {
        ...Category
      }
    }
  }
}
    fragment Category on Category {
  id
  slug
  name
}`) as unknown as TypedDocumentString<NavQuery, NavQueryVariables>;
export const List = new TypedDocumentString(`
    query List($filter: ArticleFilter, $after: Cursor) {
  articles(filter: $filter, first: 12, after: $after) {
    edges {
      node {
        ...Card
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    fragment Card on Article {
  slug
  title
  lead
  publishedAt
  viewCount
  commentCount
  labelTexts
}`) as unknown as TypedDocumentString<ListQuery, ListQueryVariables>;
export const Search = new TypedDocumentString(`
    query Search($query: String!, $after: Cursor) {
  articles: search(query: $query, first: 12, after: $after) {
    edges {
      node {
        ...Card
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    fragment Card on Article {
  slug
  title
  lead
  publishedAt
  viewCount
  commentCount
  labelTexts
}`) as unknown as TypedDocumentString<SearchQuery, SearchQueryVariables>;
export const Article = new TypedDocumentString(`
    query Article($slug: String!) {
  article(slug: $slug) {
    id
    slug
    title
    subtitle
    lead
    author
    originIpMasked
    ipRegion
    disclaimer
    publishedAt
    viewCount
    commentCount
    commentsOpen
    publisher {
      name
    }
    source {
      name
      url
    }
    breadcrumb {
      ...Category
    }
    body {
      html(terminal: WAP)
    }
    previous {
      slug
      title
    }
    next {
      slug
      title
    }
    related(first: 5) {
      slug
      title
    }
  }
}
    fragment Category on Category {
  id
  slug
  name
}`) as unknown as TypedDocumentString<ArticleQuery, ArticleQueryVariables>;
export const Comments = new TypedDocumentString(`
    query Comments($slug: String!, $after: Cursor) {
  article(slug: $slug) {
    comments(first: 10, after: $after) {
      edges {
        node {
          ...Remark
          replies(first: 5) {
            edges {
              node {
                ...Remark
              }
            }
          }
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
}
    fragment Remark on Comment {
  id
  author
  text
  createdAt
  ipRegion
}`) as unknown as TypedDocumentString<CommentsQuery, CommentsQueryVariables>;
export const ReportStatus = new TypedDocumentString(`
    query ReportStatus($receipt: String!) {
  reportStatus(receipt: $receipt) {
    status
    kind
    filedAt
    dueAt
    overdue
    missing
    reason
  }
}
    `) as unknown as TypedDocumentString<ReportStatusQuery, ReportStatusQueryVariables>;
export const AddComment = new TypedDocumentString(`
    mutation AddComment($input: AddCommentInput!) {
  addComment(input: $input) {
    comment {
      id
    }
    userErrors {
      field
      message
    }
  }
}
    `) as unknown as TypedDocumentString<AddCommentMutation, AddCommentMutationVariables>;
export const FileReport = new TypedDocumentString(`
    mutation FileReport($input: FileReportInput!) {
  fileReport(input: $input) {
    receipt
    report {
      dueAt
    }
    userErrors {
      field
      message
    }
  }
}
    `) as unknown as TypedDocumentString<FileReportMutation, FileReportMutationVariables>;
export const RecordView = new TypedDocumentString(`
    mutation RecordView($input: RecordViewInput!) {
  recordView(input: $input) {
    recorded
  }
}
    `) as unknown as TypedDocumentString<RecordViewMutation, RecordViewMutationVariables>;
export const AddMaterial = new TypedDocumentString(`
    mutation AddMaterial($input: ReportMaterialInput!) {
  addReportMaterial(input: $input) {
    report {
      missing
    }
    userErrors {
      field
      message
    }
  }
}
    `) as unknown as TypedDocumentString<AddMaterialMutation, AddMaterialMutationVariables>;