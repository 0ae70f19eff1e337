// 与接口说话：fetch 之上的几行。文档是字符串，类型来自 api.gen.ts。
import type { TypedDocumentString } from './api.gen';

const api = document.querySelector<HTMLMetaElement>('meta[name=api]')?.content ?? '';

/** 读者看得懂的失败。 */
export class Failure extends Error {}

const said: Record<string, string> = {
  LIMITED: '操作太频繁了，请稍等片刻再试。',
  UNAVAILABLE: '服务暂时不可用，请稍后再试。',
  TOO_EXPENSIVE: '文件太大或太多：每个不超过 10 MB，最多 10 个。',
  BAD_USER_INPUT: '没有成功：请核对填写的内容；文件只收照片、截图和 PDF。',
  NOT_FOUND: '没有找到您要的内容，它可能已被删除。',
  INTERNAL: '服务器出了差错，请稍后再试。',
};

interface Answer<T> {
  data?: T | null;
  errors?: { message: string; extensions?: { code?: string } }[];
}

/** 问一次；部分出错也算失败。说了终端，不在手机站展示的内容就不会来。 */
export async function ask<T, V>(document: TypedDocumentString<T, V>, variables: V): Promise<T> {
  const answer = await post<Answer<T>>('/graphql', { 'X-Tonggao-Terminal': 'WAP', 'Content-Type': 'application/json', Accept: 'application/graphql-response+json, application/json' },
    JSON.stringify({ query: String(document), variables }));
  if (answer.data) return answer.data;
  throw new Failure('没有成功，请稍后再试。');
}

/** 凭回执补交一个文件：照片、截图或 PDF。 */
export async function attach(receipt: string, file: File): Promise<void> {
  await post('/upload', { 'X-Tonggao-Receipt': receipt, 'Content-Type': 'application/octet-stream' }, file);
}

async function post<T extends Answer<unknown>>(path: string, headers: Record<string, string>, body: BodyInit): Promise<T> {
  const response = await fetch(api + path, { method: 'POST', headers, body }).catch(() => {
    throw new Failure('网络不通，请检查网络后重试。');
  });
  const answer = (await response.json().catch(() => ({}))) as T;
  const error = answer.errors?.[0];
  if (!error && response.ok) return answer;
  throw new Failure(said[error?.extensions?.code ?? ''] ?? (response.status === 429 ? said.LIMITED : '没有成功，请稍后再试。'));
}
