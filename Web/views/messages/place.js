// Where the reader is in a list that grows above, below and around them, and how that place is kept.
//
// The browser tells of scrolling at the next frame, when a picture may have moved everything already. So the layout is
// remembered as it was at the last look: a position other than the one left then is the reader's doing, and a row that
// stands elsewhere is the layout's. Only the latter is made good.
//
// A list that is not on the page yet, or not shown, has no layout: there every row stands at 0, and so does the end. Where
// to go is remembered then, until there is something to measure.

/** Who comes down so near to the end is there, in pixels. */
const AT_END_PX = 60;
/** Should the first row in sight go, one of the next ones is held on to. */
const HELD_ROWS = 12;

export class Place {
  isAtEnd = true;
  /** False while later messages than the list's last one are not loaded: its end is not the channel's. */
  hasEnd = true;
  /** Rows in sight, and how far from the top of the list each stood at the last look. */
  #held = [];
  /** The row that was asked for, until the reader scrolls. */
  #shownID = null;
  #top_px = 0;
  #end_px = 0;
  /** Goes where was asked for while there was no layout. */
  #wanted = null;
  #wasHidden = false;

  constructor(scroller, rows) {
    this.scroller = scroller;
    this.rows = rows;
  }

  get #hasLayout() {
    return this.scroller.clientHeight > 0;
  }

  /** Whether the reader is where they were led to: what is said of what is in sight holds only then. */
  get isKnown() {
    return this.#hasLayout && this.#wanted === null;
  }

  /** Whether the list is to be seen: on a narrow screen the list of channels may lie above it. */
  get isShown() {
    return this.scroller.checkVisibility({ visibilityProperty: true });
  }

  /** Goes where was asked for while there was no layout. Returns whether it is done now. */
  arrive() {
    if (!this.#wanted || !this.#hasLayout) return false;
    const go = this.#wanted;
    this.#wanted = null;
    this.#wasHidden = false;
    go();
    return true;
  }

  /**
   * Follows the reader, and puts back what the layout has moved away from under them.
   * @returns {boolean} whether the reader has scrolled since the last look.
   */
  settle() {
    if (!this.#hasLayout) {
      this.#wasHidden = true;
      return false;
    }
    if (this.arrive()) return false;
    // Browsers may forget where a list was that they do not show.
    const isCut = this.#wasHidden || this.#isCut();
    this.#wasHidden = false;
    const top_px = isCut ? this.#top_px : this.scroller.scrollTop;
    const hasScrolled = top_px !== this.#top_px;
    if (hasScrolled) this.isAtEnd = this.#isEnd(top_px);
    if (!this.hasEnd) this.isAtEnd = false;
    // A hand that is about to arrive is let come; what is left is made good when it rests.
    if (this.isAtEnd && !hasScrolled) this.#moveTo(this.#end());
    const held = this.#held.find(({ id }) => this.row(id));
    if (held && !this.isAtEnd) this.#moveTo(top_px + this.#topOf(this.row(held.id)) - held.top_px);
    if (isCut) this.isAtEnd = this.hasEnd && this.scroller.scrollTop > this.#end() - 1;
    if (hasScrolled || this.isAtEnd) this.#shownID = null;
    this.#hold(this.#inSight());
    this.#look();
    return hasScrolled;
  }

  /** A list that became shorter is no longer where it was, by the browser's doing; a reader comes to the end from above. */
  #isCut() {
    const { scrollTop } = this.scroller;
    return scrollTop < this.#top_px && scrollTop > this.#end() - 1;
  }

  /** Whoever goes up leaves the end, however little it is; whoever comes down is there before the last pixel. */
  #isEnd(top_px) {
    if (top_px > this.#end() - 1) return true;
    return top_px > this.#top_px && this.#end_px - top_px < AT_END_PX;
  }

  toEnd() {
    this.isAtEnd = this.hasEnd;
    this.#wanted = this.#hasLayout ? null : () => this.toEnd();
    if (this.#wanted) return;
    this.#shownID = null;
    this.#moveTo(this.#end());
    this.#hold(this.#inSight());
    this.#look();
  }

  /**
   * Puts a row so far from the upper edge, in parts of the height, and keeps it there until the reader scrolls.
   * @param {() => void} arrived is called when it stands there.
   */
  show(row, share, arrived = () => {}) {
    this.#wanted = this.#hasLayout ? null : () => this.show(row, share, arrived);
    if (this.#wanted) {
      this.isAtEnd = false;
      return;
    }
    const room_px = Math.max(0, this.scroller.clientHeight - row.offsetHeight);
    this.#moveTo(row.offsetTop - room_px * share);
    this.isAtEnd = this.hasEnd && this.scroller.scrollTop > this.#end() - 1;
    this.#shownID = row.dataset.id ?? null;
    this.#hold(this.#inSight());
    this.#look();
    arrived();
  }

  row(id) {
    return this.rows.querySelector(`:scope > [data-id="${id}"]`);
  }

  isInSight(row) {
    const top_px = this.scroller.scrollTop;
    return row.offsetTop + row.offsetHeight > top_px && row.offsetTop < top_px + this.scroller.clientHeight;
  }

  /** The last message that is wholly in sight, and the first of which anything is: ids, or null. */
  get seen() {
    const rows = this.#rowsInSight();
    const bottom_px = this.scroller.scrollTop + this.scroller.clientHeight;
    const whole = rows.findLast((row) => row.offsetTop + row.offsetHeight <= bottom_px + 1);
    return rows.length > 0 ? { first: rows[0].dataset.id, last: whole?.dataset.id ?? null } : null;
  }

  #end() {
    return this.scroller.scrollHeight - this.scroller.clientHeight;
  }

  #moveTo(top_px) {
    if (this.scroller.scrollTop !== top_px) this.scroller.scrollTop = top_px;
  }

  #hold(rows) {
    const list_px = this.#listTop();
    this.#held = rows.map((row) => ({ id: row.dataset.id, top_px: row.getBoundingClientRect().top - list_px }));
  }

  /** From the top of the list, with the parts of pixels that `offsetTop` leaves out. */
  #topOf(row) {
    return row.getBoundingClientRect().top - this.#listTop();
  }

  #listTop() {
    return this.rows.getBoundingClientRect().top;
  }

  /** A row that the upper edge cuts may grow above it, and the first one loses its head to one that comes before. */
  #inSight() {
    const rows = this.#rowsInSight();
    const first = this.rows.querySelector(":scope > [data-id]");
    const steady = rows.filter((row) => row !== first && row.offsetTop >= this.scroller.scrollTop);
    const shown = this.#shownID && this.row(this.#shownID);
    return [...new Set([...(shown ? [shown] : []), ...steady, ...rows])].slice(0, HELD_ROWS);
  }

  /** The messages of which anything is in sight. A line between days is none. */
  #rowsInSight() {
    const top_px = this.scroller.scrollTop;
    const bottom_px = top_px + this.scroller.clientHeight;
    const rows = this.rows.children;
    let [low, high] = [0, rows.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (rows[middle].offsetTop + rows[middle].offsetHeight > top_px) high = middle;
      else low = middle + 1;
    }
    const found = [];
    for (; low < rows.length && rows[low].offsetTop < bottom_px; low += 1) {
      if (rows[low].dataset.id) found.push(rows[low]);
    }
    return found;
  }

  #look() {
    this.#top_px = this.scroller.scrollTop;
    this.#end_px = this.#end();
  }
}
