// 与接口说话。令牌只放在这个标签页里，关掉就没有了。

const place = 'tonggao-token';

export const token = {
  get: () => sessionStorage.getItem(place),
  set: (value) => sessionStorage.setItem(place, value),
  drop: () => sessionStorage.removeItem(place),
};

export class Failure extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

const said = {
  UNAUTHENTICATED: '令牌无效、已过期或已被撤销，请重新登录。',
  FORBIDDEN: '这个令牌没有审核的权限，需要 MODERATOR 或 ADMIN。',
  NOT_FOUND: '它已经不在了，可能已被删除。',
  CONFLICT: '别人刚刚处理过它，请刷新后再看。',
  LIMITED: '操作太快了，请稍等片刻再试。',
  UNAVAILABLE: '服务暂时不可用，请稍后再试。',
};

const offline = '网络不通，请检查网络后重试。';

const failure = (code = 'INTERNAL') => new Failure(code, said[code] ?? '服务器出了差错，请稍后再试。');

/** ask 问一次；出错时抛出看得懂的 Failure。 */
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
  const answer = await response.json().catch(() => ({}));
  const error = answer.errors?.[0];
  if (error || !answer.data) throw failure(error?.extensions?.code);
  return answer.data;
}

/** file 取一张图片，也取得到已下架的。 */
export async function file(path) {
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

/** change 是一次修改：输入有误也算失败。 */
export async function change(query, variables, name) {
  const done = (await ask(query, variables))[name];
  if (done.userErrors?.length) throw new Failure('INVALID', '没有成功：' + done.userErrors.map((each) => each.message).join('；'));
  return done;
}
