// An answer may be older than what the gateway has told while it was on its way. So what asks remembers how much was told
// by then (`asked: store.state.told`), and of whatever was told of since, the answer says nothing new.

/** Of so many subjects it is remembered; no answer is on its way while more of them are told of. */
export const LONGEST_MEMORY = 10_000;

export const initial = () => ({
  /** How many times the gateway has told of something that answers tell of as well. */
  told: 0,
  /** What it told of (`user:ID`, `member:SERVER:ID`, `presence:ID`, `channel:ID`) → which time that was. */
  toldOf: new Map(),
});

export function tell(state, ...subjects) {
  state.told += 1;
  for (const subject of subjects) {
    // The newest stand last, so that the first are those to forget.
    state.toldOf.delete(subject);
    state.toldOf.set(subject, state.told);
    if (state.toldOf.size > LONGEST_MEMORY) state.toldOf.delete(state.toldOf.keys().next().value);
  }
}

/** Whether an answer to what was asked at the time `asked` is older than what is known. Events ask for nothing. */
export const isOutdated = (state, subject, asked) => asked !== undefined && state.toldOf.get(subject) > asked;
