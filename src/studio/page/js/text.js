// text.js -- what the page says, in each of its languages. What settings do is said by the library, in English.

const texts = {
  // key: [English, 中文]
  skip: ['To the picture', '跳到图片'],
  what: ['What to make', '要做什么'],
  style: ['Style', '风格'],
  dream: ['Dream', '梦境'],
  explore: ['Explore', '探索'],
  'explore-what': ['What to explore', '探索什么'],
  across: ['From left to right', '从左到右'],
  down: ['From top to bottom', '从上到下'],
  values: ['Values', '取值'],
  cells: ['Cells of the sheet', '样张的各格'],
  pick: ['Make it large: {about}', '放大这一格：{about}'],
  picked: ['{cell} is painted large when its turn comes.', '{cell} 将按顺序放大绘制。'],
  'size-picked': ['Size of one you pick', '选中后的尺寸'],
  'sheet-how': ['Click the one you like: it is painted large.', '点击喜欢的一格，即可放大绘制。'],
  'go-sheet': ['Paint the sheet', '绘制样张'],
  models: ['Models', '模型'],
  'models-help': ['Networks see what pictures are like. One is part of the program; others, as published, look at them in another way. Getting one is all that the studio ever asks another computer for.',
    '网络决定图片被如何理解。一个已内置；其他公开发布的网络各有不同。只有下载时才会连接外网。'],
  'model-get': ['Get', '下载'],
  'model-check': ['Check', '校验'],
  'model-stop': ['Stop', '停止'],
  'model-is-builtin': ['Part of the program', '已内置'],
  'model-is-here': ['Here', '已有'],
  'model-is-whole': ['Here, and whole', '已有，完整无误'],
  'model-is-missing': ['Not here', '未下载'],
  'model-is-unpublished': ['Not here, and published nowhere that is known', '未下载，且无已知来源'],
  'model-is-getting': ['On its way', '下载中'],
  'model-is-checking': ['Being checked', '校验中'],
  language: ['Language', '语言'],
  theme: ['Light or dark', '浅色或深色'],
  picture: ['Picture', '图片'],
  queue: ['What is to be painted', '待绘列表'],
  photo: ['Photograph', '照片'],
  painting: ['Painting', '画作'],
  paintings: ['Paintings', '画作'],
  guide: ['Dream toward another picture (if you like)', '以另一张图片引导（可选）'],
  drop: ['Drop, paste or choose', '拖放、粘贴或选择'],
  'drop-another': ['Add another', '再加一张'],
  examples: ['or try one of ours', '或用我们的示例'],
  'learnt-styles': ['Learnt styles', '学好的风格'],
  learnt: ['or a style learnt before: painted at once', '或选一种已学好的风格：即刻画成'],
  'example-lake': ['A lake', '湖'],
  'example-table': ['A table', '静物桌'],
  'example-strokes': ['Brush strokes', '笔触'],
  'example-waves': ['Waves', '海浪'],
  'example-glass': ['Stained glass', '彩色玻璃'],
  'take-away': ['Take {title} away', '移除 {title}'],
  'mask-button-mask': ['Where …', '绘制范围…'],
  'mask-button-where': ['Where …', '梦境范围…'],
  'mask-button-protect': ['Keep parts …', '保留局部…'],
  'mask-mask': ['Where is “{title}” painted?', '“{title}”画在哪里？'],
  'mask-where': ['Where does it dream?', '在哪里做梦？'],
  'mask-protect': ['What stays as it is?', '哪些部分保持原样？'],
  'mask-help': ['Paint over the photograph. With keys: arrows move the brush, Space lowers and lifts it. Nothing painted: everywhere, and nothing kept.',
    '在照片上涂抹。键盘：方向键移动画笔，空格键落笔或抬笔。不涂则不限范围、不作保留。'],
  'mask-canvas': ['The photograph, to be painted over', '照片，可在上面涂抹'],
  brush: ['Brush', '画笔'],
  eraser: ['Eraser', '橡皮'],
  'brush-size': ['Size', '大小'],
  invert: ['Invert', '反转'],
  undo: ['Undo', '撤销'],
  redo: ['Redo', '重做'],
  clear: ['Clear', '清空'],
  load: ['Load a picture', '载入图片'],
  use: ['Use it', '使用'],
  'a-picture': ['a picture', '图片'],
  strength: ['Strength', '强度'],
  'strength-low': ['photograph', '照片'],
  'strength-high': ['painting', '画作'],
  'strength-deep': ['dream', '梦境'],
  'steer-hint': ['Move it while the picture is painted: it follows.', '绘制过程中也可以拖动：图片会随之改变。'],
  steered: ['The strength changes from the next step on.', '强度从下一步起改变。'],
  rewind: ['Go back', '回到之前'],
  step: ['after step {n}', '第 {n} 步后'],
  now: ['Back to now', '回到现在'],
  branch: ['Go on from here', '从这里继续'],
  branched: ['Another picture goes on from there; the first one waits.', '从那一步继续画另一张；原来的已暂停。'],
  'branch-hint': ['Move Strength first to go another way.', '先调整强度，即可走另一条路。'],
  look: ['What it dreams of', '梦见什么'],
  size: ['Size', '尺寸'],
  'size-256': ['Sketch, 256 px', '草稿，256 px'],
  'size-512': ['Screen, 512 px', '屏幕，512 px'],
  'size-1024': ['Large, 1024 px', '大图，1024 px'],
  'size-2048': ['Print, 2048 px', '打印，2048 px'],
  'size-4096': ['Poster, 4096 px', '海报，4096 px'],
  time: ['Time', '时间'],
  'time-any': ['As it takes', '不限'],
  'time-30s': ['half a minute', '半分钟'],
  'time-1m': ['a minute', '1 分钟'],
  'time-3m': ['3 minutes', '3 分钟'],
  'time-10m': ['10 minutes', '10 分钟'],
  'time-1h': ['an hour', '1 小时'],
  more: ['More settings', '更多设置'],
  changed: ['{n} changed', '已改 {n} 项'],
  find: ['Find a setting', '查找设置'],
  'find-none': ['No setting has that in its name or its help.', '没有匹配的设置。'],
  usual: ['Back to {value}', '恢复为 {value}'],
  empty: ['nothing', '空'],
  yes: ['on', '开'],
  no: ['off', '关'],
  preset: ['Recipe to begin with', '起始配方'],
  go: ['Paint', '开始绘制'],
  'go-dream': ['Dream', '开始做梦'],
  'want-photo': ['Choose a photograph first: drop one above, or take our lake.', '请先选择一张照片：拖到上面，或用示例“湖”。'],
  'want-painting': ['Choose a painting first: its style is what the photograph is painted in.', '请先选择一张画作：照片将按它的风格来画。'],
  'hello': ['Your photograph, painted', '把照片画成画'],
  'hello-1': ['Drop a photograph', '拖入一张照片'],
  'hello-2': ['and a painting you love', '再选一张喜欢的画'],
  'hello-3': ['then press Paint', '然后点“开始绘制”'],
  'hello-more': ['Everything stays on this computer.', '一切都留在这台电脑上。'],
  waiting: ['Waiting its turn', '排队中'],
  starting: ['Looking at the pictures …', '正在查看图片……'],
  running: ['Painting', '绘制中'],
  pausing: ['Finishing this step …', '正在完成这一步……'],
  paused: ['Paused', '已暂停'],
  done: ['Done', '完成'],
  failed: ['It did not work', '未能完成'],
  cancelled: ['Cancelled', '已取消'],
  pause: ['Pause', '暂停'],
  resume: ['Go on', '继续'],
  stop: ['Enough', '就这样'],
  'stop-help': ['End here and keep the picture as it is', '到此为止，保留现在的图片'],
  cancel: ['Cancel', '取消'],
  left: ['{time} left', '还剩 {time}'],
  seconds: ['{n} s', '{n} 秒'],
  minutes: ['{n} min', '{n} 分钟'],
  hours: ['{h} h {n} min', '{h} 小时 {n} 分钟'],
  stage: ['size {k} of {n}, {w} × {h}', '第 {k}/{n} 级，{w} × {h}'],
  losses: ['How far the picture is from what is wanted', '与目标的差距'],
  fit: ['Fit', '适合'],
  actual: ['1:1', '1:1'],
  compare: ['Before and after', '前后对比'],
  wipe: ['Where before ends and after begins', '前后分界'],
  before: ['before', '之前'],
  after: ['after', '之后'],
  download: ['Download', '下载'],
  command: ['As a command', '命令行'],
  copied: ['Copied: the command that makes it, in a terminal.', '已复制：在终端中绘制它的命令。'],
  'copy-it': ['The command that makes it, in a terminal:', '在终端中绘制它的命令：'],
  'compare-with': ['Compare with …', '与……比较'],
  compared: ['Left: {left}. Right: {right}. What differs:', '左：{left}。右：{right}。不同之处：'],
  'use-photo': ['Use as photograph', '用作照片'],
  'use-painting': ['Use as painting', '用作画作'],
  settings: ['Settings', '设置'],
  restore: ['Use its settings', '使用它的设置'],
  larger: ['Again, larger', '放大重画'],
  delete: ['Delete', '删除'],
  'delete-sure': ['Move this picture to the trash?', '把这张图片移到回收站？'],
  close: ['Close', '关闭'],
  made: ['Your pictures', '你的图片'],
  'made-none': ['What you make is kept here, and in the folder of the studio.', '你画的图片会保存在这里，也在工作室的文件夹里。'],
  'no-recipe': ['This picture does not say how it was made.', '这张图片没有记录制作方法。'],
  'restored': ['The settings of {title} are set.', '已恢复 {title} 的设置。'],
  'missing': ['Not here any more: {names}. Choose it again.', '已不在这里：{names}。请重新选择。'],
  'made-here': ['This picture was made with Reverie.', '这张图片由 Reverie 制作。'],
  locked: ['Open the studio by the address that it printed, with all that follows #. It is in the terminal that started it, and in the file .studio/address of its folder.',
    '请用工作室打印的地址打开（包括 # 之后的部分）。地址在启动它的终端里，也在其文件夹的 .studio/address 文件中。'],
  away: ['The studio does not answer. Is it still running? This page goes on when it is.', '工作室没有响应。它还在运行吗？恢复后本页会继续。'],
  'said-done': ['The picture is done.', '图片已完成。'],
  'too-large': ['{name} is larger than {n} MB, the most that may be sent.', '{name} 超过了 {n} MB 的上限。'],
  'no-picture': ['{name} is no picture.', '{name} 不是图片。'],
  'move-up': ['Sooner', '提前'],
};

const known = ['en', 'zh'];
let language = 0;

export function setLanguage(name) {
  language = Math.max(known.indexOf(name), 0);
  document.documentElement.lang = known[language];
  for (const e of document.querySelectorAll('[data-t]')) e.textContent = t(e.dataset.t);
  for (const e of document.querySelectorAll('[data-t-label]')) e.setAttribute('aria-label', t(e.dataset.tLabel));
  for (const e of document.querySelectorAll('[data-t-placeholder]')) e.placeholder = t(e.dataset.tPlaceholder);
}

export const usualLanguage = () =>
  known.find((name) => (navigator.languages ?? [navigator.language]).some((l) => l.startsWith(name))) ?? 'en';

export function t(key, values = {}) {
  const text = texts[key]?.[language] ?? texts[key]?.[0] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');
}

export function duration(seconds) {
  const s = Math.max(Math.round(seconds), 1);
  if (s < 90) return t('seconds', { n: s });
  if (s < 5400) return t('minutes', { n: Math.round(s / 60) });
  return t('hours', { h: Math.floor(s / 3600), n: Math.round((s % 3600) / 60) });
}

/** An element, its attributes and what is in it; texts stay texts. */
export function make(name, attributes = {}, ...inside) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes))
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, '');
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(key, value);
  element.append(...inside.filter((x) => x !== null && x !== undefined));
  return element;
}
