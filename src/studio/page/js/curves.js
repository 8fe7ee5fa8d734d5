// curves.js -- losses as small curves on a logarithmic scale, because they span decades.

const colours = () => getComputedStyle(document.documentElement);

export class Curves {
  constructor(canvas) {
    this.canvas = canvas;
    this.clear();
  }

  clear() {
    this.names = [];
    this.points = [];
    this.canvas.hidden = true; // sheets have no losses
    this.draw();
  }

  add({ names, points }) {
    this.names = names;
    this.canvas.hidden = false;
    for (const point of points) this.points.push(point);
    this.draw();
  }

  draw() {
    const { canvas } = this, ratio = devicePixelRatio || 1;
    const width = canvas.clientWidth, height = canvas.clientHeight;
    if (!width) return;
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    const pen = canvas.getContext('2d'), style = colours();
    pen.scale(ratio, ratio);
    const logs = this.names.map((_, k) => this.points.map((p) => (p[k + 1] > 0 ? Math.log10(p[k + 1]) : null)));
    const drawn = logs.flat().filter((v) => v !== null);
    if (drawn.length < 2) return;
    const low = Math.min(...drawn), high = Math.max(...drawn), span = high - low || 1;
    const first = this.points[0][0], last = this.points.at(-1)[0] || 1;
    const labels = 74;
    const x = (p) => ((p[0] - first) / (last - first || 1)) * (width - labels);
    const y = (v) => 6 + (1 - (v - low) / span) * (height - 12);
    const taken = [];
    pen.lineWidth = 1.6;
    pen.lineJoin = 'round';
    pen.font = '11px system-ui, sans-serif';
    pen.textBaseline = 'middle';
    logs.forEach((line, k) => {
      pen.strokeStyle = pen.fillStyle = style.getPropertyValue(`--curve-${k % 4}`).trim();
      pen.beginPath();
      line.forEach((v, i) => { if (v !== null) pen.lineTo(x(this.points[i]), y(v)); });
      pen.stroke();
      const end = line.at(-1);
      if (end === null || end === undefined) return;
      const at = [0, -12, 12, -24, 24, -36, 36].map((shift) => y(end) + shift)
        .find((place) => place > 5 && place < height - 5 && taken.every((other) => Math.abs(other - place) >= 12)) ?? y(end);
      taken.push(at);
      pen.fillText(this.names[k], width - labels + 6, at, labels - 8);
    });
  }
}
