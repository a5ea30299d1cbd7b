// Every word of the page, in one table, so that it can be translated.

/** @param {number} n @param {string} one @param {string} [many] */
const count = (n, one, many = `${one}s`) => `${n.toLocaleString('en')} ${n === 1 ? one : many}`;

/** @param {number} seconds "6 s", "9 min", "2 h 5 min" */
function duration(seconds) {
  if (seconds < 1) return '1 s';
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  const hours = Math.floor(seconds / 3600),
    minutes = Math.round((seconds % 3600) / 60);
  return minutes ? `${hours} h ${minutes} min` : `${hours} h`;
}

/** @param {number} bytes */
const megabytes = bytes =>
  bytes >= 1e9
    ? `${(bytes / 1e9).toFixed(1)} GB`
    : bytes >= 1e8
      ? `${Math.round(bytes / 1e6)} MB`
      : `${(bytes / 1e6).toFixed(1)} MB`;

export const words = {
  close: 'Close',
  yes: 'yes',
  no: 'no',
  undo: 'Undo',
  undoKey: 'Undo (Z)',
  redoKey: 'Redo (Shift Z)',
  title: (/** @type {string|undefined} */ name, /** @type {string} */ view) =>
    [name || view, 'reverie'].filter(Boolean).join(' – '),
  percent: (/** @type {number} */ part) => `${Math.round(part * 100)} %`,
  size: (/** @type {number} */ width, /** @type {number} */ height) => `${width} × ${height}`,
  px: (/** @type {number|string} */ side) => `${side} px`,
  about: (/** @type {number} */ seconds) => `about ${duration(seconds)}`,
  left: (/** @type {number} */ seconds) => `${duration(seconds)} left`,
  memory: (/** @type {number} */ mb) => `needs about ${Math.round(mb)} MB of memory`,
  bytes: megabytes,
  kinds: {
    image: 'Dream',
    zoom: 'Zoom',
    video: 'Film',
    sweep: 'Sheet',
    atlas: 'Atlas',
    fetch: 'Network',
  },
  views: {
    dream: 'Dream',
    gallery: 'Gallery',
    atlas: 'Atlas',
    film: 'Films',
    first: 'Dream',
    sweep: 'Sweep',
    closed: '',
  },

  errors: {
    status: (/** @type {number} */ status) => `The studio answered ${status}`,
    closed: 'The studio is closed to this page',
    noKey:
      'Open it from the address that “reverie serve” prints: it carries the key. A page of another tab that is open already gives it, too.',
    restarted:
      'The studio was started again and has another key. Open the address that it printed; nothing is lost.',
    unreachable: 'The studio does not answer. Is “reverie serve” still running?',
    lost: 'The connection to the studio is lost. The page goes on by itself as soon as it is back.',
  },

  head: { home: 'reverie, to the dream', views: 'Views', networks: 'Networks', more: 'More' },

  first: {
    desktop: {
      title: ['Drop a picture', 'and let it dream'],
      promise: 'Nothing leaves this computer. No picture at hand? There is a sky.',
      open: 'Open a picture',
    },
    phone: {
      title: ['Choose a picture', 'and let it dream'],
      promise: 'It dreams on your own computer, and goes nowhere else.',
      open: 'Take or choose one',
    },
    open: 'Open a picture',
    sky: 'Dream on this sky',
    paste: 'or paste one',
    recipe: 'a dream brings its recipe along',
  },

  drop: {
    pasted: 'pasted.png',
    anywhere: 'a picture, a film, or a dream with its recipe',
    zones: {
      dream: { title: 'Dream on it', note: 'a new picture; a film opens under Films' },
      recipe: { title: 'Take its recipe', note: 'for the picture that is open now' },
      guide: { title: 'Be guided by it', note: 'the dream takes on what is in it' },
    },
    ask: (/** @type {string} */ name) => `What shall ${name} be?`,
    noRecipe: 'it carries none',
    other: (/** @type {string} */ name) =>
      `${name} is nothing that can be dreamed on: pictures, films and recipes can`,
    pictureFirst: 'This is a recipe. Open a picture first, then drop it again.',
    taken: (/** @type {number} */ n) =>
      `${count(n, 'setting')} of its recipe ${n === 1 ? 'is' : 'are'} set`,
  },

  dream: {
    stage: 'Picture',
    panel: 'What to dream',
    picture: 'Picture',
    join: ', in ',
    name: (/** @type {string} */ picture, /** @type {string} */ of) => `${picture}, in ${of}`,
    several: (/** @type {string[]} */ names) =>
      names.length > 2 ? `${names.length} layers` : names.join(' and '),
    layers: (/** @type {number} */ n) => count(n, 'layer'),
    altLive: 'The dream so far',
    altDream: (/** @type {string} */ name) => `Dream: ${name}`,
    altSource: (/** @type {string} */ name) => `Picture: ${name}`,
  },

  panel: {
    look: 'Look',
    anyLayer: 'Any layer or channel',
    layer: (/** @type {string} */ name) => `amplifies ${name}`,
    depth: 'Depth',
    shallow: 'strokes and grain',
    deep: 'whole beings',
    noDepth: 'a layer of its own',
    names: { iterations: 'How long', step: 'How strong', octaves: 'How large things grow' },
    light: 'Keep the light',
    colours: 'Keep the colours',
    where: 'Where',
    everywhere: 'Everywhere',
    painted: 'Painted areas',
    variation: 'Variation',
    dice: 'Another variation',
    on: 'Dream on',
    onPicture: 'the picture',
    onDream: 'this dream',
    dream: 'Dream',
    size: 'Size',
    itsSize: 'Its own size',
    sizeExact: 'Longer side, or width x height',
    sizePlaceholder: 'or 800, 640x480',
    taller: 'Show more settings',
    lower: 'Show more of the picture',
  },

  drafts: {
    note: 'A draft, not kept',
    off: 'No drafts',
    menu: (/** @type {boolean} */ on) =>
      on ? 'Drafts while I choose' : 'No drafts while I choose',
  },

  guides: {
    title: 'Guided by',
    picture: 'Picture',
    another: 'Another picture',
    weight: 'Weight',
    remove: 'Do not be guided by it',
    count: (/** @type {number} */ n) => count(n, 'picture'),
    about: 'The dream takes on what is in these pictures. Below zero it avoids it.',
    added: (/** @type {string} */ name) => `The next dream is guided by ${name}`,
    depth: (/** @type {string} */ look) => `Guides show best at the depth of ${look}`,
    useDepth: (/** @type {string} */ look) => `Use ${look}`,
    noPicture: (/** @type {string} */ name) => `${name} is not a picture`,
  },

  running: {
    waiting: 'Waiting',
    paused: 'Paused',
    stopping: 'Stopping',
    beginning: 'Beginning',
    stop: 'Stop',
    cancel: 'Cancel',
    stopKeeps: 'Stop and keep what is finished',
    octave: (/** @type {number} */ n, /** @type {number} */ of) => `Octave ${n} of ${of}`,
    step: (/** @type {number} */ n, /** @type {number} */ of) => `step ${n} of ${of}`,
    unit: (/** @type {string} */ unit, /** @type {number} */ n, /** @type {number} */ of) =>
      unit === 'byte' ? `${megabytes(n)} of ${megabytes(of)}` : `${unit || 'part'} ${n} of ${of}`,
  },

  queue: {
    title: 'Dreaming',
    empty: 'Nothing is dreamed now.',
    pauseAfter: 'Pause after this one',
    goOn: 'Go on',
    paused: 'Paused',
    waiting: (/** @type {number} */ n) => `${n} waiting`,
    up: 'Before the one above',
    pause: 'Pause',
    resume: 'Go on',
    remove: 'Remove from the queue',
    cancel: 'Cancel, keep nothing',
  },

  tools: {
    title: 'Tools',
    move: 'Move',
    point: 'Point and dream (P)',
    mask: 'Paint where to dream (B)',
    compare: 'Compare (C)',
    zoom: 'Zoom',
    fit: 'Fit',
    short: { point: 'Point', mask: 'Paint', compare: 'Compare' },
  },

  history: {
    inWord: /^in /,
    sweep: 'a sweep',
    title: 'History',
    empty: 'Every dream of this picture will stand here; none is lost.',
    star: 'Star (S)',
    rename: 'Name and note',
    name: 'Name',
    note: 'Note',
    notePlaceholder: 'A note',
    toBin: 'To the bin',
    root: (/** @type {string} */ name) => `${name}, the picture`,
    node: (/** @type {string} */ name, /** @type {boolean} */ star) =>
      star ? `${name}, starred` : name,
    coming: (/** @type {string} */ name) => `${name}, not dreamed yet`,
    binned: (/** @type {string} */ name) => `“${name}” is in the bin`,
  },

  save: {
    title: 'Save or share',
    format: 'Format',
    bits: 'Bits',
    quality: 'Quality',
    recipe: 'Carry the recipe',
    recipeNote: 'settings, the network, the picture’s name',
    button: (/** @type {string} */ name) => `Save ${name}`,
    copy: 'Copy',
    copied: 'Copied',
    command: 'As a command',
    noCommand: 'not known for this dream',
    noClipboard: 'The browser does not let this page copy; save the file instead',
  },

  networks: {
    title: 'Networks',
    inside: 'inside the program',
    promise:
      'Fetched once, from their publishers, and checked before they are used. Nothing else is ever downloaded.',
    looks: (/** @type {number} */ n) => count(n, 'look'),
    unknownSize: 'size unknown',
    using: 'Dreaming with it',
    use: 'Dream with it',
    fetch: 'Fetch',
    stop: 'Stop',
    pause: 'Pause',
    remove: 'Remove',
    progress: (
      /** @type {number} */ done,
      /** @type {number} */ total,
      /** @type {number} */ left,
      /** @type {boolean} */ paused,
    ) =>
      [
        total ? `${megabytes(done)} of ${megabytes(total)}` : megabytes(done),
        paused ? 'paused' : left > 0 ? duration(left) : '',
      ]
        .filter(Boolean)
        .join(', '),
  },

  keys: {
    title: 'Keys',
    list: [
      ['Space', 'dream'],
      ['Esc', 'stop, and keep what is finished'],
      ['Z', 'undo'],
      ['Shift Z', 'redo'],
      ['← →', 'walk the history'],
      ['S', 'star'],
      ['C', 'compare'],
      ['P', 'point and dream'],
      ['B', 'paint where to dream'],
      ['X', 'erase'],
      ['[ ]', 'size of the brush'],
      ['F', 'fit'],
      ['1', '100 %'],
      ['G', 'gallery'],
      ['Ctrl V', 'paste a picture'],
      ['?', 'these keys'],
    ],
  },

  compare: {
    beside: (/** @type {string} */ name) => `beside ${name}`,
    picture: 'picture',
    slider: 'How much of each',
    way: 'How to compare',
    bySlider: 'Slider',
    double: 'Side by side',
    difference: 'Difference',
    made: 'What made it',
    another: 'Compare with another',
    setting: 'Setting',
    thisOne: 'this one',
    same: 'They have the same settings.',
    standard: 'All settings are as in the preset.',
    rest: (/** @type {number} */ n) => `The other ${n} settings are as in the preset.`,
    along: 'Take along',
    take: 'Take these settings',
    goOn: 'Go on from here',
    goOnNote: 'dreams on this dream',
    leave: 'Leave',
  },

  gallery: {
    title: 'Dreams',
    filter: 'Which dreams',
    all: 'All',
    starred: 'Starred',
    zooms: 'Zooms',
    films: 'Films',
    bin: 'Bin',
    search: 'layer, picture, setting…',
    empty: 'No dream yet. The first one will stand here.',
    none: 'No dream of this kind yet.',
    nothing: 'No dream has this in its name, picture or settings.',
    binEmpty: 'The bin is empty. What is in it stays for 30 days.',
    tile: (/** @type {string} */ name, /** @type {boolean} */ star) =>
      star ? `${name}, starred` : name,
    choose: (/** @type {string} */ name) => `Choose ${name}`,
    chosen: (/** @type {number} */ n) => `${n} chosen`,
    compare: 'Compare',
    save: 'Save',
    star: 'Star',
    toBin: 'To the bin',
    restore: 'Put back',
    chooseNone: 'Choose none',
    frames: (/** @type {number} */ n) => count(n, 'frame'),
    emptyBin: 'Empty the bin',
    emptyBinNote: 'The dreams in it are deleted for good.',
    emptyBinYes: 'Delete them',
    day(/** @type {Date} */ date) {
      const now = new Date(),
        midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime();
      const days = Math.floor(
        (midnight - new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime()) /
          864e5 +
          0.5,
      );
      if (days <= 0) return 'Today';
      if (days === 1) return 'Yesterday';
      return date.toLocaleDateString('en-GB', {
        weekday: days < 7 ? 'long' : undefined,
        day: 'numeric',
        month: 'long',
        year: date.getFullYear() === now.getFullYear() ? undefined : 'numeric',
      });
    },
  },

  mask: {
    title: 'What grows where',
    hint: 'Paint where to dream; the rest stays as it is',
    area: (/** @type {number} */ n) => `Area ${n}`,
    look: 'Look',
    lookOf: (/** @type {number} */ n) => `Look of area ${n}`,
    asChosen: (/** @type {string} */ look) => `${look}, as chosen`,
    theLayers: 'the layers',
    remove: (/** @type {number} */ n) => `Remove area ${n}`,
    stays: 'Stays as it is',
    unpainted: 'everything unpainted',
    another: 'Another area',
    weight: 'Weight of this area',
    inverse: 'Dream everywhere else',
    alpha: 'From the picture’s transparency',
    take: 'Take',
    file: 'From a file',
    open: 'Open',
    all: 'All areas',
    clear: 'Clear',
    noAlpha: 'This picture has no transparent parts',
    tools: 'Brush',
    paint: 'Paint (B)',
    erase: 'Erase (X)',
    size: 'Size',
    soft: 'Soft',
    invert: 'Invert (I)',
    undo: 'Undo the stroke (Z)',
    done: 'Done',
  },

  point: {
    title: 'What is seen here?',
    hint: 'Click anywhere in the picture. Hover a feature to see where else it is seen.',
    spot: 'The place that is asked; arrows move it, Enter asks',
    panel: 'What is seen there',
    looking: 'Looking…',
    like: 'This looks like…',
    depths: ['fine', 'texture', 'parts', 'beings'],
    about: (/** @type {string} */ layer, /** @type {[number, number]} */ [u, v]) =>
      `${layer} at ${u.toFixed(2)}, ${v.toFixed(2)}  ·  strongest first`,
    channel: (/** @type {number} */ n, /** @type {number} */ part) =>
      `Channel ${n}, ${Math.round(part * 100)} %`,
    everywhere: 'Everywhere',
    here: 'Dream this here',
    hereThese: 'Dream these here',
  },

  atlas: {
    layers: 'Layers',
    channels: 'Channels',
    channelOpen: 'The open channel',
    deeper: 'Deeper layers see more of the picture at once, and mean more.',
    further: (/** @type {number} */ n) => count(n, 'further layer'),
    count: (/** @type {number} */ n) => count(n, 'channel'),
    field: (/** @type {number} */ n) => `receptive field ${n} px`,
    channel: (/** @type {number} */ n) => `Channel ${n}`,
    looksFor: (/** @type {string} */ term) => `What ${term} looks for.`,
    making: 'It is being made…',
    dream: 'Dream of this',
    add: 'Add to layers',
    added: 'Among the layers',
    addedTo: (/** @type {string} */ term) => `${term} is among the layers of the next dream`,
    noPicture: 'Open a picture to dream of it',
    near: 'Beside it',
  },

  film: {
    title: 'Films',
    panel: 'Film',
    timeline: 'Timeline',
    zoomCard: 'Zoom endlessly',
    into: (/** @type {string} */ name) => `into ${name}`,
    goOnCard: 'Go on',
    openCard: 'Dream a film',
    openNote: 'open a video; its sound stays',
    made: 'Dreamed',
    zoom: 'endless zoom',
    video: 'film',
    finished: (/** @type {number} */ n) => `${n} finished and kept`,
    done: 'finished',
    camera: 'Camera',
    settings: 'Dream',
    atKey: 'At this keyframe',
    frame: (/** @type {number} */ n) => `Frame ${n}`,
    nearer: 'Nearer',
    turning: 'Turning',
    towards: 'Towards',
    sameLook: 'as before',
    easing: 'Way to the next',
    easings: {
      linear: 'even',
      smooth: 'smooth',
      'slow-start': 'slow at first',
      'slow-end': 'slow at last',
      step: 'a jump',
    },
    removeKey: 'Remove this keyframe',
    whole: 'The whole film',
    length: 'How many frames',
    wander: 'Wander between looks',
    wanderNote: 'unless keyframes say which',
    loop: 'End fades into the beginning',
    blend: 'Carry the dream along',
    carried: 'Steps for each frame',
    every: 'Dream every nth frame',
    recipe: 'Dreamed as',
    dream: 'Dream the film',
    again: 'Dream it again',
    stop: 'Stop and keep',
    format: (/** @type {number} */ side) => `MP4, ${side} px`,
    base: (/** @type {string} */ name) => name.replace(/^Into /, '').split(', in ')[0],
    name: (/** @type {string} */ name, /** @type {boolean} */ zoom, /** @type {string} */ of) =>
      zoom ? `Into ${name}` : `${name}, in ${of}`,
    play: 'Play',
    pause: 'Pause',
    playhead: 'Playhead',
    key: 'Keyframe',
    frames: 'Frames',
    wanders: (/** @type {string} */ first) => `wandering, from ${first}`,
    keyAt: (/** @type {number} */ frame, /** @type {string} */ to) => `Frame ${frame}: ${to}`,
  },

  sweep: {
    open: 'Try several at once',
    title: 'Which one?',
    note: 'Small dreams of the open picture, one for each pair of values.',
    down: 'down:',
    across: 'across:',
    axis: 'Axis',
    setting: 'Setting',
    values: 'Values, with commas between',
    take: 'Use these',
    without: 'Without this axis',
    dream: (/** @type {number} */ n) => `Dream ${n}`,
    goOn: 'Go on with this one',
    sheet: 'Save as a sheet',
    sheetName: (/** @type {string} */ name) => `${name}, a sheet`,
    sheetComes: 'The sheet comes into the gallery when it is ready',
  },

  settings: {
    title: 'All settings',
    fewer: 'Fewer',
    find: (/** @type {number} */ n) => `Find one of ${n}`,
    none: 'No setting has this in its name or meaning.',
    reset: 'Standard',
    changed: (/** @type {number} */ n) => `${n} changed`,
    begin: 'Begin from',
    files: 'only on the command line',
    elsewhere: 'set beside the picture',
    isChanged: 'changed',
    /** @type {Record<string, string>} */
    groups: {
      'Preset and network': 'Begin',
      Objective: 'What',
      Mask: 'Where',
      Canvas: 'The picture',
      Octaves: 'Octaves',
      'Gradient ascent': 'Gradient ascent',
      Randomness: 'Randomness',
      Constraints: 'What stays',
      Computation: 'Computing',
    },
    /** Lay words of settings, by name. @type {Record<string, string>} */
    names: {
      preset: 'Begin from',
      page: 'Page of the file',
      'keep-profile': 'Keep the colour profile',
      faithful: 'As the original program',
      model: 'Network',
      'input-transform': 'Input of the network',
      layer: 'Layers',
      objective: 'What is amplified',
      labels: 'Labels of classes',
      guide: 'Guided by',
      mask: 'Where',
      'mask-invert': 'Everywhere else',
      'mask-feather': 'Fade at edges',
      size: 'Size',
      start: 'Start from',
      wrap: 'Tiles without a seam',
      'octave-mode': 'From octave to octave',
      octaves: 'How large things grow',
      'octave-scale': 'Ratio between octaves',
      'octaves-above': 'Octaves above the picture',
      'recursion-keep': 'Keep of the picture',
      resize: 'Resampling',
      iterations: 'How long',
      step: 'How strong',
      normalize: 'Normalised by',
      smooth: 'Smoothed',
      optimizer: 'Optimizer',
      momentum: 'Momentum',
      'tv-penalty': 'Against grain',
      'source-penalty': 'Stay near the picture',
      blur: 'Blur after each step',
      jitter: 'Random shift',
      'jitter-from': 'Shifts from a file',
      'random-flip': 'Random mirroring',
      'random-rotation': 'Random turning',
      'random-scale': 'Random scaling',
      seed: 'Variation',
      clip: 'Within 0 to 255',
      'match-tone': 'Keep the light',
      color: 'Colours',
      blend: 'Mix the picture in',
      tiling: 'Tiles',
      tile: 'Side of tiles',
      precision: 'Arithmetic',
    },
    reason: (
      /** @type {string} */ name,
      /** @type {string} */ now,
      /** @type {{is?: string, is_not?: string}} */ needs,
    ) =>
      needs.is !== undefined
        ? needs.is === ''
          ? `not with ${name}`
          : `only for ${needs.is}`
        : needs.is_not === ''
          ? `needs a ${name}`
          : `not for ${now || needs.is_not}`,
  },
};
