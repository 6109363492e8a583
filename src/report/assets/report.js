'use strict';
// Shows the pages of the report and takes the review. Everything that comes from a page is set as text, never as HTML.
(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const $ = (id) => document.getElementById(id);
  const COLOURS = 8, CONTEXT = 3;

  // Whether light or dark: what the system says, unless it was chosen.
  const root = document.documentElement;
  const remember = (key, value) => { try { localStorage.setItem(key, value); } catch { /* not allowed: forgotten */ } };
  const remembered = (key) => { try { return localStorage.getItem(key); } catch { return null; } };
  const chosen = remembered('dechaff-theme');
  if (chosen === 'dark' || chosen === 'light') root.dataset.theme = chosen;
  $('theme').addEventListener('click', () => {
    const isDark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
    root.dataset.theme = isDark ? 'light' : 'dark';
    remember('dechaff-theme', root.dataset.theme);
  });
  for (const button of document.querySelectorAll('.all-rows')) {
    button.addEventListener('click', () => {
      for (const row of button.closest('.table').querySelectorAll('tr[hidden]')) row.hidden = false;
      button.parentElement.remove();
    });
  }
  if (data.pages.length === 0) return;
  $('browser').hidden = false;

  /** Makes an element with text in it. */
  const element = (name, className, text) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/u;
  const UNSEEN_EACH = new RegExp(`(${UNSEEN.source})`, 'u');
  /** Adds a text in which nothing is hidden: marks of direction and controls are shown by their number. */
  const addText = (parent, text) => {
    if (!UNSEEN.test(text)) return parent.append(text);
    for (const part of text.split(UNSEEN_EACH)) {
      if (part.length === 1 && UNSEEN.test(part)) {
        parent.append(element('span', 'unseen', part.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')));
      } else if (part) parent.append(part);
    }
  };
  const visible = (text) => {
    const shown = element('bdi');
    addText(shown, text);
    return shown;
  };
  const grouped = (number) => number.toLocaleString('en-US');
  const address = (page) => page.record === undefined ? page.path : `${page.path}#${page.record}`;
  const share = (page) => {
    const all = page.words.kept + page.words.dropped;
    return all === 0 ? 0 : page.words.kept / all * 100;
  };
  const ruleName = (number) => number === undefined ? '' : data.rules[number].address;
  /** The rules that took something of a page, or kept something on it. */
  const rulesOf = (page) => {
    const own = new Set();
    for (const decision of page.decisions) if (decision.rule !== undefined) own.add(decision.rule);
    for (const edit of page.edits) own.add(edit.rule);
    for (const change of page.changes ?? []) own.add(change.rule);
    return own;
  };
  const siteOf = (page) => page.site ?? 'no known site';
  const languageOf = (page) => page.language ?? 'not told';
  for (const page of data.pages) page.rules = rulesOf(page);

  // --- Filters -------------------------------------------------------------------------------------------------------
  const form = $('filters');
  let ranges = {};
  let matching = [];
  let current = -1;

  const fill = (name, values) => {
    const counts = new Map();
    for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
    const select = form.elements[name];
    const any = element('option', '', 'any');
    any.value = '';
    select.append(any);
    for (const [value, count] of [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))) {
      const option = element('option', '', `${value} (${count})`);
      option.value = value;
      select.append(option);
    }
  };
  fill('rule', data.pages.flatMap((page) => [...page.rules].map(ruleName)));
  fill('site', data.pages.map(siteOf));
  fill('status', data.pages.map((page) => page.status));

  const matches = (page) => {
    const { rule, site, status, score, path } = form.elements;
    const within = (value, range) => !range || (value >= range[0] && value < range[1]);
    const [wantedRule, wantedSite, wantedStatus] = [rule.value || ranges.rule, site.value || ranges.site, status.value || ranges.status];
    return (!wantedRule || [...page.rules].some((number) => ruleName(number) === wantedRule))
      && (!wantedSite || siteOf(page) === wantedSite)
      && (!wantedStatus || page.status === wantedStatus)
      && (!(Number(score.value) > 0) || (page.closest !== null && page.closest >= Number(score.value) * 1000))
      && (!path.value || address(page).toLowerCase().includes(path.value.toLowerCase()))
      && (!ranges.filter || page.filters.some((filter) => filter.startsWith(`${ranges.filter} (`)))
      && (!ranges.language || languageOf(page) === ranges.language)
      && within(Math.min(share(page), 99.99), ranges.share)
      && within(page.words.kept, ranges.length)
      && (!ranges.score || page.decisions.some((d) => d.fate === 'dropped' && d.score !== undefined && within(Math.min(d.score, 999), ranges.score)));
  };

  const list = $('list');
  const buttons = data.pages.map((page, number) => {
    const button = element('button');
    button.type = 'button';
    const name = element('span', 'name');
    const parts = address(page).split('/');
    name.append(visible(parts.pop()));
    const changed = page.changes ? `${page.changes.length} lines changed` : `${share(page).toFixed(0)} % of ${grouped(page.words.kept + page.words.dropped)} words stay`;
    const status = page.status === 'cleaned' ? '' : ` · ${page.status.replace('_', ' ')}`;
    const folder = element('span', 'facts');
    folder.append(visible(parts.join('/') || siteOf(page)));
    button.append(name, folder, element('span', 'facts', `${changed}${status}`));
    button.title = address(page);
    button.addEventListener('click', () => { show(number); $('lines').focus({ preventScroll: true }); });
    return button;
  });

  const applyFilters = () => {
    matching = data.pages.map((_, number) => number).filter((number) => matches(data.pages[number]));
    list.replaceChildren(...matching.map((number) => buttons[number]));
    $('matching').textContent = `${matching.length} of the report's ${data.pages.length} pages`;
    $('viewer').hidden = matching.length === 0;
    const chips = $('chips');
    chips.replaceChildren();
    for (const [name, value] of Object.entries(ranges)) {
      const chip = element('button', '', `${name}: ${Array.isArray(value) ? value[2] : value} ✕`);
      chip.type = 'button';
      chip.addEventListener('click', () => { delete ranges[name]; applyFilters(); });
      chips.append(chip);
    }
    chips.hidden = chips.childElementCount === 0;
    queueItems = null;
    if (matching.length > 0 && !matching.includes(current)) show(matching[0]);
    tellProgress();
  };
  form.addEventListener('input', applyFilters);
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('reset', () => { ranges = {}; setTimeout(applyFilters); });

  const choose = (text) => {
    form.reset();
    ranges = {};
    const at = text.indexOf(':');
    const [by, value] = [text.slice(0, at), text.slice(at + 1)];
    if (['rule', 'site', 'status'].includes(by)) {
      form.elements[by].value = value;
      if (form.elements[by].value !== value) { form.elements[by].value = ''; ranges[by] = value; }
    } else if (by === 'language' || by === 'filter') ranges[by] = value;
    else {
      const [from, to] = value.split(':').map(Number);
      const told = by === 'score' ? `${from / 1000}-${to / 1000}` : `${grouped(from)}-${grouped(to)}`;
      ranges[by] = by === 'length' ? [from, to + 1, told] : [from, to, told];
    }
    setTimeout(applyFilters);
  };
  for (const link of document.querySelectorAll('[data-filter]')) {
    link.addEventListener('click', () => choose(link.dataset.filter));
  }

  // --- A page --------------------------------------------------------------------------------------------------------
  const lines = $('lines'), card = $('card');
  let active = -1;
  let selected = { from: -1, to: -1, edit: undefined };
  let decisionOf = [];
  let rows = [];

  const withEdits = (cell, text, edits, colours) => {
    const characters = Array.from(text);
    let at = 0;
    for (const edit of [...edits].sort((a, b) => a.characters[0] - b.characters[0])) {
      const from = Math.max(edit.characters[0], at), to = Math.max(edit.characters[1], from);
      addText(cell, characters.slice(at, from).join(''));
      const cut = element('del', colours.get(edit.rule));
      addText(cut, characters.slice(from, to).join(''));
      cell.append(cut);
      at = to;
    }
    addText(cell, characters.slice(at).join(''));
  };

  const show = (number) => {
    current = number;
    const page = data.pages[number];
    buttons.forEach((button, at) => at === number ? button.setAttribute('aria-current', 'true') : button.removeAttribute('aria-current'));
    const head = $('page-head');
    head.replaceChildren();
    const title = element('h3');
    title.append(visible(address(page)));
    const facts = element('p');
    const told = [page.title, siteOf(page), languageOf(page), page.status.replace('_', ' '),
      `${grouped(page.words.kept)} of ${grouped(page.words.kept + page.words.dropped)} words stay`, page.filters.join(', '), page.because.join(', ')];
    told.filter(Boolean).forEach((fact, at) => { if (at > 0) facts.append(' · '); facts.append(visible(fact)); });
    head.append(title, facts);

    decisionOf = [];
    page.decisions.forEach((decision, at) => {
      for (let block = decision.blocks[0]; block <= decision.blocks[1]; block += 1) decisionOf[block] = at;
    });
    const colours = new Map(), counts = new Map();
    const count = (rule, times) => {
      if (!colours.has(rule)) colours.set(rule, `r${colours.size % COLOURS}`);
      counts.set(rule, (counts.get(rule) ?? 0) + times);
    };
    for (const decision of page.decisions) {
      if (decision.fate === 'dropped') count(decision.rule, decision.blocks[1] - decision.blocks[0] + 1);
    }
    for (const edit of page.edits) count(edit.rule, 1);
    $('legend').replaceChildren(...[...colours].map(([rule, colour]) => element('span', colour, `${ruleName(rule)} ${counts.get(rule)}`)));

    const changes = new Map((page.changes ?? []).map((change) => [change.block, change]));
    const isNear = (block) => !page.changes || page.changes.some((change) => Math.abs(change.block - block) <= CONTEXT);
    rows = page.blocks.map(([line, text, clean], block) => {
      const decision = page.decisions[decisionOf[block]];
      const edits = page.edits.filter((edit) => edit.block === block);
      const row = element('div', 'row');
      row.setAttribute('role', 'option');
      row.id = `line-${block}`;
      row.setAttribute('aria-selected', 'false');
      const cell = element('div', 'raw');
      if (decision?.fate === 'dropped') {
        row.classList.add('dropped');
        cell.classList.add(colours.get(decision.rule));
        addText(cell, text);
      } else withEdits(cell, text, edits, colours);
      const after = element('div', 'clean');
      let written = clean === 0 ? '' : clean === 1 ? text : clean === 2 ? `\n${text}` : clean;
      if (written.startsWith('\n')) { row.classList.add('gap'); written = written.slice(1); }
      addText(after, written);
      const change = changes.get(block);
      if (change) row.classList.add(`now-${change.change}`);
      const state = change ? `newly ${change.change}` : decision?.fate === 'dropped' ? 'dropped' : edits.length > 0 ? 'cut' : 'kept';
      row.append(element('div', 'number', String(line)), cell, after);
      row.setAttribute('aria-label', `Line ${line}, ${state}: ${text}`);
      row.hidden = !isNear(block);
      row.addEventListener('mousedown', (event) => {
        lines.focus({ preventScroll: true });
        activate(block, event.shiftKey);
      });
      row.addEventListener('dblclick', selectDecision);
      row.addEventListener('mouseenter', () => tell(block));
      row.addEventListener('mouseleave', () => tell(active));
      return row;
    });
    const shown = [];
    let folded = 0;
    const fold = () => { if (folded > 0) shown.push(element('div', 'fold', `${folded} lines that did not change`)); folded = 0; };
    for (const row of rows) {
      if (row.hidden) folded += 1; else { fold(); shown.push(row); }
    }
    fold();
    for (const note of shown) if (note.className === 'fold') note.setAttribute('role', 'presentation');
    lines.replaceChildren(...shown);
    lines.removeAttribute('aria-activedescendant');
    $('more').textContent = page.more > 0 ? `The page goes on for ${grouped(page.more)} lines: dechaff diff shows them.` : '';
    active = -1;
    selected = { from: -1, to: -1, edit: undefined };
    card.hidden = true;
    markVerdicts();
    if (location.hash !== `#page-${number}`) history.replaceState(null, '', `#page-${number}`);
  };

  /** Shows what was decided of a line, and why, beside it. */
  const tell = (block) => {
    const page = data.pages[current];
    const decision = page.decisions[decisionOf[block]];
    const row = rows[block];
    if (!row || row.hidden || !decision) { card.hidden = true; return; }
    const notes = [];
    const note = (fate, rule, evidence, score) => notes.push({ fate, rule, evidence, score });
    if (decision.rule !== undefined) note(decision.fate, decision.rule, decision.evidence, decision.score);
    for (const edit of page.edits) if (edit.block === block) note('cut', edit.rule, edit.evidence);
    for (const change of page.changes ?? []) {
      if (change.block === block && change.change === 'kept') note('was dropped', change.rule);
    }
    if (notes.length === 0) { card.hidden = true; return; }
    card.replaceChildren();
    for (const { fate, rule, evidence, score } of notes) {
      card.append(element('p', 'rule', `${fate} · ${ruleName(rule)}`));
      if (data.rules[rule].why) card.append(element('p', '', data.rules[rule].why));
      if (evidence) { const line = element('p', 'score'); addText(line, evidence); card.append(line); }
      else if (score !== undefined) card.append(element('p', 'score', `score ${(score / 1000).toFixed(3)}`));
    }
    card.hidden = false;
    const [below, beside] = [row.offsetTop + row.offsetHeight + 4, row.querySelector('.raw').offsetLeft + 24];
    card.style.top = `${below}px`;
    card.style.left = `${beside}px`;
  };

  const select = (from, to, edit) => {
    selected = { from, to, edit };
    rows.forEach((row, block) => {
      const is = block >= from && block <= to;
      row.classList.toggle('selected', is);
      row.setAttribute('aria-selected', String(is));
    });
  };
  const activate = (block, extends_, edit) => {
    if (!rows[block]) return;
    rows[active]?.classList.remove('active');
    rows[active]?.removeAttribute('aria-describedby');
    if (extends_ && active >= 0) {
      const anchor = selected.from === active ? selected.to : selected.from;
      select(Math.min(anchor, block), Math.max(anchor, block));
    } else select(block, block, edit);
    active = block;
    const row = rows[block];
    row.classList.add('active');
    lines.setAttribute('aria-activedescendant', row.id);
    tell(block);
    if (!card.hidden) row.setAttribute('aria-describedby', 'card');
    row.scrollIntoView({ block: 'nearest' });
    const bar = $('review').getBoundingClientRect(), at = row.getBoundingClientRect();
    if (at.bottom > bar.top) window.scrollBy({ top: at.bottom - bar.top + 60, behavior: 'instant' });
    else if (at.top < 60) window.scrollBy({ top: at.top - 120, behavior: 'instant' });
  };
  const selectDecision = () => {
    const decision = data.pages[current].decisions[decisionOf[active]];
    if (decision) select(decision.blocks[0], Math.min(decision.blocks[1], rows.length - 1));
  };
  const step = (by, extends_) => {
    let block = active + by;
    while (rows[block]?.hidden) block += by;
    if (rows[block]) activate(block, extends_);
  };
  lines.addEventListener('focus', () => { if (active < 0) step(1); else tell(active); });
  lines.addEventListener('blur', () => { card.hidden = true; });

  // --- Review --------------------------------------------------------------------------------------------------------
  const KEY = `dechaff-review-${data.id}`;
  const verdicts = new Map();
  try { for (const [key, verdict] of JSON.parse(remembered(KEY) ?? '[]')) verdicts.set(key, verdict); } catch { /* not ours */ }
  const order = [];
  let queueItems = null;

  /** Everything that can be judged: decisions, and parts that were cut out of lines that stay. */
  const itemsOf = (number) => {
    const page = data.pages[number];
    const shown = page.blocks.length;
    const isChanged = (from, to) => !page.changes || page.changes.some(({ block }) => block >= from && block <= to);
    const decisions = page.decisions.filter(({ blocks }) => blocks[0] < shown && isChanged(...blocks)).map((decision) => ({
      number, from: decision.blocks[0], to: Math.min(decision.blocks[1], shown - 1), fate: decision.fate, score: decision.score ?? -1,
    }));
    const edits = page.edits.filter(({ block }) => block < shown && isChanged(block, block)).map((edit) => ({
      number, from: edit.block, to: edit.block, fate: 'cut', score: -1, edit,
    }));
    return [...decisions, ...edits].sort((a, b) => a.from - b.from);
  };
  const queue = () => {
    if (queueItems) return queueItems;
    const wanted = $('queue').value;
    const is = { dropped: (item) => item.fate !== 'kept', closest: (item) => item.score >= 0 && item.fate === 'dropped', kept: (item) => item.fate === 'kept', all: () => true };
    queueItems = matching.flatMap(itemsOf).filter(is[wanted]);
    if (wanted === 'closest') queueItems.sort((a, b) => b.score - a.score);
    return queueItems;
  };
  const keyOf = ({ number, from, to, edit }) => `${number}:${from}-${to}${edit ? `:${edit.characters.join('-')}` : ''}`;
  const isJudged = (item) => {
    const page = item.number;
    if (item.edit) return verdicts.has(keyOf(item));
    for (let block = item.from; block <= item.to; block += 1) if (!judgedLines.get(page)?.has(block)) return false;
    return true;
  };
  /** The judged lines of each page. */
  const judgedLines = new Map();
  const indexVerdicts = () => {
    judgedLines.clear();
    for (const { number, row } of verdicts.values()) {
      if (row.characters) continue;
      if (!judgedLines.has(number)) judgedLines.set(number, new Set());
      for (let block = row.blocks[0]; block <= row.blocks[1]; block += 1) judgedLines.get(number).add(block);
    }
  };
  indexVerdicts();
  let position = -1;
  const next = () => {
    const items = queue();
    for (let ahead = 1; ahead <= items.length; ahead += 1) {
      const at = (position + ahead) % items.length;
      const item = items[at];
      if (isJudged(item)) continue;
      position = at;
      if (item.number !== current) show(item.number);
      lines.focus({ preventScroll: true });
      activate(item.from, false, item.edit);
      if (!item.edit) select(item.from, item.to);
      return;
    }
    $('progress').textContent = 'Everything in the queue is judged.';
  };
  /** Judges what is selected: decision by decision, since each has a rule of its own. */
  const judge = (judged) => {
    if (current < 0 || selected.from < 0) return;
    const page = data.pages[current];
    const row = (from, to, fate, rule, more) => ({
      path: page.path, record: page.record, site: page.site ?? undefined, url: page.url ?? undefined, sha256: page.sha256 ?? undefined,
      blocks: [from, to], fate, rule: rule === undefined ? undefined : ruleName(rule), judged, ...more,
    });
    const made = [];
    if (selected.edit) {
      const { edit } = selected;
      const text = page.blocks[edit.block][1], cut = Array.from(text).slice(...edit.characters).join('');
      made.push(row(edit.block, edit.block, 'cut', edit.rule, { characters: edit.characters, lines: [text], cut }));
    } else {
      for (let block = selected.from; block <= selected.to;) {
        const decision = page.decisions[decisionOf[block]];
        const to = Math.min(decision.blocks[1], selected.to);
        const texts = page.blocks.slice(block, to + 1).map(([, text]) => text);
        made.push(row(block, to, decision.fate, decision.rule, { score: decision.score === undefined ? undefined : decision.score / 1000, lines: texts }));
        block = to + 1;
      }
    }
    for (const one of made) {
      // A line is judged once: what was said of it before goes.
      for (const [key, { number, row: other }] of verdicts) {
        const overlaps = number === current && Boolean(other.characters) === Boolean(one.characters)
          && other.blocks[0] <= one.blocks[1] && other.blocks[1] >= one.blocks[0];
        if (overlaps) verdicts.delete(key);
      }
      const key = keyOf({ number: current, from: one.blocks[0], to: one.blocks[1], edit: one.characters ? one : undefined });
      verdicts.set(key, { number: current, row: one });
      order.push(key);
    }
    keep();
    next();
  };
  const undo = () => {
    let key = order.pop();
    while (key !== undefined && !verdicts.has(key)) key = order.pop();
    if (key === undefined) return;
    const { number, row } = verdicts.get(key);
    verdicts.delete(key);
    if (number !== current) show(number);
    lines.focus({ preventScroll: true });
    activate(row.blocks[0], false);
    if (!row.characters) select(row.blocks[0], row.blocks[1]);
    keep();
  };
  const keep = () => {
    indexVerdicts();
    remember(KEY, JSON.stringify([...verdicts]));
    markVerdicts();
    tellProgress();
  };
  const markVerdicts = () => {
    for (const row of rows) row.querySelector('.number .right, .number .wrong')?.remove();
    for (const { number, row } of verdicts.values()) {
      if (number !== current) continue;
      for (let block = row.blocks[0]; block <= row.blocks[1]; block += 1) {
        rows[block]?.querySelector('.number').prepend(element('span', row.judged, row.judged === 'right' ? '✓ ' : '✗ '));
      }
    }
  };
  const tellProgress = () => {
    const wrong = [...verdicts.values()].filter(({ row }) => row.judged === 'wrong').length;
    const left = queue().filter((item) => !isJudged(item)).length;
    $('progress').textContent = `${verdicts.size} judged, ${wrong} wrong; ${left} left in the queue`;
  };
  const save = () => {
    const text = [...verdicts.values()].map(({ row }) => JSON.stringify(row) + '\n').join('');
    const link = element('a');
    link.href = URL.createObjectURL(new Blob([text], { type: 'application/jsonl' }));
    link.download = 'review.jsonl';
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  const turn = (by) => {
    const at = matching.indexOf(current) + by;
    if (matching[at] === undefined) return;
    show(matching[at]);
    buttons[matching[at]].scrollIntoView({ block: 'nearest' });
    lines.focus({ preventScroll: true });
    activate(0);
  };
  $('right').addEventListener('click', () => judge('right'));
  $('wrong').addEventListener('click', () => judge('wrong'));
  $('next').addEventListener('click', next);
  $('undo').addEventListener('click', undo);
  $('save').addEventListener('click', save);
  $('queue').addEventListener('change', () => { queueItems = null; position = -1; tellProgress(); });

  // Keys count in the lines and in the bar below them, so that none is taken from a field or from the page.
  const KEYS = {
    r: () => judge('right'), w: () => judge('wrong'), n: next, u: undo, s: save, a: selectDecision,
    '[': () => turn(-1), ']': () => turn(1), Escape: () => { card.hidden = true; },
  };
  const LINE_KEYS = {
    ArrowDown: (event) => step(1, event.shiftKey), ArrowUp: (event) => step(-1, event.shiftKey),
    j: () => step(1), k: () => step(-1), Home: () => activate(0), End: () => activate(rows.length - 1),
  };
  const onKey = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target instanceof HTMLSelectElement) return;
    const act = KEYS[event.key] ?? (event.currentTarget === lines ? LINE_KEYS[event.key] : undefined);
    if (!act) return;
    event.preventDefault();
    act(event);
  };
  lines.addEventListener('keydown', onKey);
  $('review').addEventListener('keydown', onKey);

  const open = () => {
    const number = /^#page-(\d+)$/.exec(location.hash)?.[1];
    if (number === undefined || !data.pages[number]) return;
    if (!matching.includes(Number(number))) { form.reset(); ranges = {}; applyFilters(); }
    show(Number(number));
    $('pages').scrollIntoView();
  };
  addEventListener('hashchange', open);
  const hash = location.hash;
  applyFilters();
  history.replaceState(null, '', hash || location.pathname + location.search);
  if (hash) open();
})();
