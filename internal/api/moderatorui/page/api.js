// Calls the GraphQL API. The token is in sessionStorage, so it is gone when the tab is closed.

const storageKey = 'tonggao-token';

export const token = {
  get: () => sessionStorage.getItem(storageKey),
  set: (value) => sessionStorage.setItem(storageKey, value),
  clear: () => sessionStorage.removeItem(storageKey),
};

export class Failure extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

const messages = {
  UNAUTHENTICATED: '令牌无效、已过期或已被撤销，请重新登录。',
  FORBIDDEN: '这个令牌没有审核的权限，需要 MODERATOR 或 ADMIN。',
  NOT_FOUND: '它已经不在了，可能已被删除。',
  CONFLICT: '别人刚刚处理过它，请刷新后再看。',
  LIMITED: '操作太快了，请稍等片刻再试。',
  UNAVAILABLE: '服务暂时不可用，请稍后再试。',
};

const offline = '网络不通，请检查网络后重试。';

const failure = (code = 'INTERNAL') => new Failure(code, messages[code] ?? '服务器出了差错，请稍后再试。');

/** ask sends one operation; it throws a Failure whose message is for the moderator. */
export async function ask(query, variables = {}) {
  let response;
  try {
    response = await fetch('/graphql', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'application/graphql-response+json, application/json', Authorization: 'Bearer ' + token.get() },
      body: JSON.stringify({ query, variables }),
    });
  } catch {
    throw new Failure('OFFLINE', offline);
  }
  const result = await response.json().catch(() => ({}));
  const error = result.errors?.[0];
  if (error || !result.data) throw failure(error?.extensions?.code);
  return result.data;
}

/** fetchFile fetches a picture, also one that is withheld. */
export async function fetchFile(path) {
  let response;
  try {
    response = await fetch(path, { headers: { Authorization: 'Bearer ' + token.get() } });
  } catch {
    throw new Failure('OFFLINE', offline);
  }
  if (!response.ok) {
    const { errors } = await response.json().catch(() => ({}));
    throw failure(errors?.[0]?.extensions?.code);
  }
  return response.blob();
}

/** mutate sends a mutation; userErrors become a Failure as well. */
export async function mutate(query, variables, name) {
  const payload = (await ask(query, variables))[name];
  if (payload.userErrors?.length) throw new Failure('INVALID', '没有成功：' + payload.userErrors.map((each) => each.message).join('；'));
  return payload;
}
