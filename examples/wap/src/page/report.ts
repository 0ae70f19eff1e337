// 举报与查询进度：不用登录，凭回执编号跟进。
import { AddMaterial, FileReport, ReportStatus, type EvidenceInput, type ReportKind } from '../api.gen';
import { ask, attach, Failure } from '../client';
import { field, h, link, onSubmit, when } from '../dom';
import { nav } from '../nav';
import type { Page } from '../router';

const kinds: Record<ReportKind, string> = {
  ILLEGAL_INFORMATION: '非法信息举报', VIOLATION: '违规举报', COPYRIGHT: '侵犯著作权', PRIVACY: '侵犯隐私或名誉',
  DELETION_REQUEST: '删稿申请', IMPERSONATION: '冒充他人', RUMOUR: '散布谣言', OTHER: '其他',
};

const states: Record<string, string> = {
  FILED: '已收到，等待处理', NEEDS_MATERIAL: '需要补充材料', ACCEPTED: '已受理，正在处理', MEASURES_TAKEN: '已采取措施',
  UPHELD: '举报成立，已处理', COUNTERED: '发布者已提出异议，正在处理', RESTORED: '内容已恢复', REJECTED: '举报未获支持', WITHDRAWN: '已撤回',
};

const materials: Record<string, string> = {
  claimant: '真实姓名（权利人或代理人）', organisation: '所代表的单位', contact: '联系方式', address: '通信地址', workTitle: '作品名称',
  workUrl: '原作的网址', proof: '初步证明（文字说明）', truthful: '我保证以上内容真实',
};

/** 各类举报依法要出示的材料。缺的可以先提交，事后凭回执补交，补齐之前不计时。 */
const needed: Partial<Record<ReportKind, string[]>> = {
  COPYRIGHT: ['claimant', 'organisation', 'address', 'workTitle', 'workUrl', 'proof', 'truthful'],
  PRIVACY: ['claimant', 'organisation', 'proof'], IMPERSONATION: ['claimant', 'proof'],
  DELETION_REQUEST: ['claimant', 'organisation'], RUMOUR: ['proof'],
};

function material(name: string): HTMLElement {
  const text = materials[name] ?? name;
  if (name === 'truthful') return h('label', { class: 'tick' }, h('input', { type: 'checkbox', name }), text);
  if (name === 'proof') return field(text, h('textarea', { name, maxlength: '5000', rows: '4' }));
  return field(text, h('input', { name, maxlength: name === 'workUrl' ? '2000' : '200' }));
}

function evidence(data: FormData, names: string[]): EvidenceInput | null {
  const given: Record<string, string | true> = {};
  for (const name of names) {
    const value = String(data.get(name) ?? '').trim();
    if (name in materials && name !== 'contact' && value) given[name] = name === 'truthful' ? true : value;
  }
  return Object.keys(given).length ? given : null;
}

export function report(target: string, query: URLSearchParams): Page {
  const kind = h('select', { name: 'kind', required: true });
  for (const [value, text] of Object.entries(kinds)) kind.append(h('option', { value, selected: value === (query.get('kind') ?? 'VIOLATION') }, text));
  const proofs = h('fieldset', { class: 'proofs' });
  const names = () => needed[kind.value as ReportKind] ?? [];
  kind.onchange = () => {
    proofs.hidden = !names().length;
    proofs.replaceChildren(h('legend', {}, '需要出示的材料'), ...names().map(material));
  };
  const form = h('form', { id: 'file' },
    field('举报类型', kind),
    field('情况说明', h('textarea', { name: 'statement', required: true, minlength: '5', maxlength: '5000', rows: '6' }), '5 至 5000 个字。'),
    field('联系方式', h('input', { name: 'contact', maxlength: '200' }), '只有处理人员能看到。不留也可以，但权利人的通知必须留。'),
    proofs,
    h('button', {}, '提交举报'));
  kind.dispatchEvent(new Event('change'));
  onSubmit(form, async (data) => {
    const input = { target, kind: data.get('kind') as ReportKind, statement: String(data.get('statement')), contact: String(data.get('contact')) || null, evidence: evidence(data, names()) };
    const { fileReport } = await ask(FileReport, { input });
    const receipt = fileReport.receipt;
    if (!receipt) throw new Failure('举报没有提交：请检查情况说明（5 至 5000 个字），并确认要举报的内容还在。');
    form.reset();
    kind.dispatchEvent(new Event('change'));
    return h('span', {}, '举报已受理。回执编号：', h('strong', { id: 'receipt' }, receipt),
      `。编号只显示这一次，请记下。最迟处理时间：${when(fileReport.report?.dueAt)}。`, link('/status?receipt=' + receipt, '查询进度', { id: 'follow' }));
  });
  const promise = h('p', { class: 'lead' }, '我们会在规定的工作日内处理每一条举报。');
  nav().then(({ site }) => { promise.textContent = `我们会在 ${site.reportWorkingDays} 个工作日内处理每一条举报。`; }).catch(() => undefined);
  return { title: '举报', content: h('div', {}, h('h1', {}, '举报'), promise, form) };
}

export function status(query: URLSearchParams): Page {
  const receipt = h('input', { name: 'receipt', required: true, autocomplete: 'off', value: query.get('receipt') ?? '' });
  const form = h('form', { id: 'status' }, field('回执编号', receipt), h('button', {}, '查询'));
  const more = h('div');
  onSubmit(form, async (data) => {
    const asked = String(data.get('receipt')).trim();
    const { reportStatus: found } = await ask(ReportStatus, { receipt: asked });
    const takes = found && ['FILED', 'ACCEPTED', 'NEEDS_MATERIAL'].includes(found.status);
    more.replaceChildren(...(found?.missing.length ? [handIn(asked, found.missing)] : []), ...(takes ? [files(asked)] : []));
    if (!found) throw new Failure('没有这个回执编号，请核对后再查。');
    const due = found.status === 'FILED' ? `，最迟处理时间：${when(found.dueAt)}${found.overdue ? '（已超期）' : ''}` : '';
    return `${kinds[found.kind]}：${states[found.status] ?? '正在处理'}。受理时间：${when(found.filedAt)}${due}。${found.reason ?? ''}`;
  });
  if (receipt.value) queueMicrotask(() => form.requestSubmit());
  return { title: '查询举报进度', content: h('div', {}, h('h1', {}, '查询举报进度'), form, more) };
}

function handIn(receipt: string, missing: string[]): HTMLElement {
  const form = h('form', { id: 'material' }, h('h2', {}, '还需要补交'), ...missing.map(material), h('button', {}, '补交材料'));
  onSubmit(form, async (data) => {
    const input = { receipt, contact: String(data.get('contact') ?? '') || null, evidence: evidence(data, missing) };
    const { addReportMaterial } = await ask(AddMaterial, { input });
    if (addReportMaterial.userErrors.length) throw new Failure('没有补交成功，请至少填写一项。');
    return addReportMaterial.report?.missing.length ? '已收到，还差：' + addReportMaterial.report.missing.map((name) => materials[name] ?? name).join('、') : '材料已经补齐，谢谢。';
  });
  return form;
}

/** 证书、合同、截图，一个一个地传；传过的再传一次也只算一个。 */
function files(receipt: string): HTMLElement {
  const pick = h('input', { type: 'file', name: 'files', multiple: true, required: true, accept: 'image/jpeg,image/png,image/gif,image/webp,application/pdf' });
  const form = h('form', { id: 'files' }, h('h2', {}, '补交照片或文件'), field('照片、截图或 PDF', pick, '每个不超过 10 MB，最多 10 个。只有处理人员能看到。'), h('button', {}, '上传'));
  onSubmit(form, async () => {
    const list = [...(pick.files ?? [])];
    for (const file of list) await attach(receipt, file);
    form.reset();
    return `已收到 ${list.length} 个文件。`;
  });
  return form;
}
