"use strict";
// The player of a recording. What was said stands in the page already; this hides what comes later, draws
// the map and shows the word that was chosen. It writes text only, never markup.
(function () {
  const data = JSON.parse(document.getElementById("data").textContent);
  const steps = Array.from(document.querySelectorAll("[data-wait]"));
  const words = data.words;
  const elements = words.map((_, index) => document.getElementById("w" + index));
  const places = elements.map((element) => steps.indexOf(element));
  const by = (id) => document.getElementById(id);
  const [slider, playButton, speed, map, panel, where] =
    ["slider", "play", "speed", "map", "word", "where"].map(by);
  const styles = getComputedStyle(document.documentElement);
  const color = (name) => styles.getPropertyValue("--" + name).trim();

  let position = steps.length; // how many steps are shown
  let chosen = -1;
  let timer = 0;

  // Where answers and marks begin, as positions.
  const starts = [];
  const marks = [];
  steps.forEach((step, index) => {
    if (step.classList.contains("model")) starts.push(index + 1);
    if (step.classList.contains("mark")) marks.push(index + 1);
  });
  const after = (list) => list.find((place) => place > position) ?? steps.length;
  const before = (list) => list.filter((place) => place < position).pop() ?? 0;

  function show(next) {
    const old = position;
    position = Math.max(0, Math.min(steps.length, next));
    for (let index = Math.min(old, position); index < Math.max(old, position); index += 1) {
      steps[index].classList.toggle("later", index >= position);
    }
    slider.value = position;
    const shown = places.filter((place) => place < position).length;
    where.textContent = "word " + shown + " of " + words.length;
    draw();
  }

  // Time: a word waits as long as it did, or as the reader says; a pause between answers is not stretched.
  function wait(index) {
    const recorded = Number(steps[index].dataset.wait);
    const rate = Number(speed.value);
    if (rate === 0) return recorded;
    return steps[index].classList.contains("w") ? 1000 / rate : Math.min(recorded, 1000);
  }

  function tick() {
    if (position >= steps.length) return pause();
    timer = setTimeout(() => { show(position + 1); tick(); }, wait(position));
  }
  function pause() {
    clearTimeout(timer);
    timer = 0;
    playButton.textContent = "Play";
  }
  function play() {
    if (position >= steps.length) show(0);
    playButton.textContent = "Pause";
    tick();
  }
  const toggle = () => (timer ? pause() : play());
  const go = (place) => { pause(); show(place); };

  // The map: the answer of the chosen word, or of the newest one; a column a word, a row a block.
  let first = 0;
  let width = 12;
  const height = Math.max(3, Math.min(10, Math.floor(300 / Math.max(1, data.blocks))));
  const head = 46;

  function newest() {
    let index = words.length - 1;
    while (index > 0 && places[index] >= position) index -= 1;
    return index;
  }

  function draw() {
    if (words.length === 0) return;
    const answer = words[chosen >= 0 ? chosen : newest()].answer;
    const list = words.map((word, index) => index).filter((index) => words[index].answer === answer);
    first = list[0];
    width = Math.max(3, Math.min(16, Math.floor(2400 / list.length)));
    map.width = 34 + list.length * width + 34;
    map.height = data.blocks * height + head + 14;
    const paint = map.getContext("2d");
    const marksOf = { "#": "ran", s: "small", "-": "skipped", x: "pruned", "!": "exited" };
    paint.font = "10px sans-serif";
    paint.fillStyle = color("faint");
    for (let block = 1; block <= data.blocks; block += 1) {
      if (block !== 1 && block !== data.blocks && block % 5 !== 0) continue;
      paint.fillText(String(block), 4, (data.blocks - block + 1) * height);
    }
    list.forEach((index, column) => {
      if (places[index] >= position) return;
      const x = 34 + column * width;
      const word = words[index];
      Array.from(word.depth).forEach((mark, block) => {
        const name = marksOf[mark];
        if (!name) return;
        paint.fillStyle = color(word.known && block >= word.known && mark === "#" ? "known" : name);
        paint.fillRect(x, (data.blocks - 1 - block) * height, width - 1, height - 1);
      });
      if (word.same === false) {
        paint.fillStyle = color("differs");
        paint.fillText("~", x + width / 2 - 3, data.blocks * height + 9);
      }
      if (index === chosen) {
        paint.strokeStyle = color("ink");
        paint.strokeRect(x - 0.5, 0.5, width, data.blocks * height - 1);
      }
      if (width >= 8) {
        paint.save();
        paint.translate(x + width / 2 + 3, data.blocks * height + 14 + head - 2);
        paint.rotate(-Math.PI / 2);
        paint.fillStyle = color("ink");
        paint.fillText(word.text.trim().slice(0, 9), 0, 0);
        paint.restore();
      }
    });
  }

  // The word that was chosen.
  function add(parent, name, text) {
    const element = document.createElement(name);
    if (text !== undefined) element.textContent = text;
    parent.appendChild(element);
    return element;
  }

  function table(title, rows) {
    if (rows.length === 0) return;
    add(panel, "h2", title);
    const body = add(add(panel, "table"), "tbody");
    for (const [label, text, share] of rows) {
      const row = add(body, "tr");
      if (label !== null) add(row, "td", label);
      add(row, "td", "\u201c" + text + "\u201d");
      add(row, "td", share.toFixed(2));
      const bar = add(row, "td");
      bar.className = "bar";
      add(bar, "div").style.width = Math.round(100 * Math.max(0, Math.min(1, share))) + "%";
    }
  }

  function choose(index) {
    if (elements[chosen]) elements[chosen].classList.remove("chosen");
    chosen = index;
    panel.replaceChildren();
    const word = words[index];
    if (word) {
      elements[index].classList.add("chosen");
      add(panel, "h2", "\u201c" + word.text + "\u201d");
      for (const line of word.facts) add(panel, "div", line);
      table("Most probable", word.choices.map(([text, share]) => [null, text, share]));
      table("What it would have said after block", word.stairs);
    }
    draw();
  }

  document.addEventListener("click", (event) => {
    const index = elements.indexOf(event.target.closest(".w"));
    if (index >= 0) choose(index);
  });
  map.addEventListener("click", (event) => {
    const index = first + Math.floor((event.offsetX - 34) / width);
    if (words[index] && index >= first && places[index] < position) choose(index);
  });
  const actions = {
    play: toggle,
    back: () => go(before(places.map((place) => place + 1))),
    step: () => go(after(places.map((place) => place + 1))),
    last: () => go(before(starts)),
    next: () => go(after(starts)),
    mark: () => go(after(marks)),
  };
  for (const name of Object.keys(actions)) by(name).addEventListener("click", actions[name]);
  slider.max = steps.length;
  slider.addEventListener("input", () => go(Number(slider.value)));
  const keys = {
    " ": "play", ",": "back", ".": "step", ArrowLeft: "back", ArrowRight: "step", "[": "last",
    "]": "next", m: "mark",
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target !== document.body) return;
    if (!keys[event.key]) return;
    event.preventDefault();
    actions[keys[event.key]]();
  });
  by("mark").hidden = marks.length === 0;
  document.querySelector(".player").hidden = false;
  document.querySelector(".side").hidden = false;
  show(steps.length);
})();
