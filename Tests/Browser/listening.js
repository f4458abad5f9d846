// Four who listen to one who speaks and shows something: with the right key, with a wrong one, with none, and without a transform.
// What each hears and sees is what the browser plays, and the share of the tone that was sent in it.

async (encryption) => {
  const { CallEncryption } = await import(encryption);
  const TONE_HZ = 441;
  const audio = new AudioContext();
  await audio.resume();

  function source() {
    const tone = new OscillatorNode(audio, { frequency: TONE_HZ });
    const out = audio.createMediaStreamDestination();
    tone.connect(out);
    tone.start();
    const canvas = Object.assign(document.createElement("canvas"), { width: 160, height: 120 });
    const drawing = canvas.getContext("2d");
    setInterval(() => {
      drawing.fillStyle = `hsl(${performance.now() % 360} 80% 50%)`;
      drawing.fillRect(0, 0, 160, 120);
    }, 40);
    return new MediaStream([...out.stream.getTracks(), ...canvas.captureStream(25).getTracks()]);
  }

  /** A connection between two in this page. */
  async function connect(stream, sender, receiver, userID) {
    const [from, to] = [new RTCPeerConnection(), new RTCPeerConnection()];
    from.onicecandidate = ({ candidate }) => candidate && to.addIceCandidate(candidate);
    to.onicecandidate = ({ candidate }) => candidate && from.addIceCandidate(candidate);
    for (const track of stream.getTracks()) {
      const one = from.addTransceiver(track, { direction: "sendonly", streams: [stream] });
      if (track.kind === "video") {
        one.setCodecPreferences(RTCRtpSender.getCapabilities("video").codecs.filter(({ mimeType }) => mimeType === "video/VP8"));
      }
      sender?.onTransceiver(one);
      sender?.onSender(one.sender, track.kind === "audio" ? "mic" : "camera");
    }
    const tracks = [];
    to.ontrack = ({ track, receiver: end, transceiver }) => {
      receiver?.onTransceiver(transceiver);
      receiver?.onReceiver(end, track.kind === "audio" ? "mic" : "camera", userID);
      tracks.push(track);
    };
    await from.setLocalDescription();
    await to.setRemoteDescription(from.localDescription);
    await to.setLocalDescription();
    await from.setRemoteDescription(to.localDescription);
    const element = Object.assign(new Audio(), { srcObject: new MediaStream(tracks), muted: true });
    element.play().catch(() => {});
    const analyser = new AnalyserNode(audio, { fftSize: 8192, smoothingTimeConstant: 0 });
    audio.createMediaStreamSource(new MediaStream(tracks.filter(({ kind }) => kind === "audio"))).connect(analyser);
    return { to, analyser };
  }

  /** How much of what is heard is the tone, from 0 to 1; 0 for silence. */
  function share(analyser) {
    const levels = new Float32Array(analyser.frequencyBinCount);
    analyser.getFloatFrequencyData(levels);
    const energy = Array.from(levels, (level) => 10 ** (level / 10));
    const all = energy.reduce((sum, one) => sum + one, 0);
    const width = audio.sampleRate / analyser.fftSize;
    const near = energy.filter((_, index) => Math.abs(index * width - TONE_HZ) < 30).reduce((sum, one) => sum + one, 0);
    return all > 1e-7 ? near / all : 0;
  }

  async function frames(connection) {
    for (const report of (await connection.getStats()).values()) {
      if (report.type === "inbound-rtp" && report.kind === "video") return report.framesDecoded ?? 0;
    }
    return 0;
  }

  const handed = [];
  const begin = (userID) =>
    CallEncryption.begin({ channelID: "1", userID, deviceID: userID }, {
      keys: ({ epoch, keys }) => handed.push(...keys.map((key) => ({ ...key, epoch, from: userID }))),
      state() {},
      words() {},
    });
  const entry = (userID, session) => ({ user_id: userID, device_id: userID, public_key: session.publicKey });
  async function meet(epoch, people, e2ee = true) {
    const roster = Object.entries(people).map(([userID, session]) => entry(userID, session));
    await Promise.all(Object.values(people).map((session) => session.meet({ epoch, e2ee, roster })));
    for (const { user_id, epoch, sealed, from } of handed.splice(0)) {
      people[user_id].hear({ epoch, sealed, from_user_id: from, from_device_id: from });
    }
  }

  const [alice, bob, other, eve, nobody] = await Promise.all(["1", "2", "1", "2", "2"].map(begin));
  await meet(1, { 1: alice, 2: bob });
  // Eve has a key of somebody else who says to be the same; nobody has none.
  await meet(1, { 1: other, 2: eve });

  const stream = source();
  const listeners = {
    right: { ...await connect(stream, alice, bob, "1"), session: bob },
    wrong: { ...await connect(stream, alice, eve, "1"), session: eve },
    none: { ...await connect(stream, alice, nobody, "1"), session: nobody },
    bare: { ...await connect(stream, alice, null, "1"), session: null },
  };

  globalThis.listening = {
    /** What has come to each up to now. */
    async heard() {
      const all = Object.entries(listeners).map(async ([name, { to, analyser, session }]) => {
        return [name, { tone: share(analyser), pictures: await frames(to), ...await session?.counts() }];
      });
      return Object.fromEntries(await Promise.all(all));
    },
    sent: () => alice.counts(),
    /** Everything in the open: then all would hear, if they listen. */
    async open() {
      await meet(2, { 1: alice, 2: bob }, false);
      await meet(2, { 1: other, 2: eve }, false);
      await nobody.meet({ epoch: 2, e2ee: false, roster: [entry("2", nobody)] });
    },
    /** Somebody leaves: there are fresh keys. */
    leave: () => meet(3, { 1: alice, 2: bob }),
    /** Messages that are none. */
    async trouble() {
      const odd = [{}, { epoch: NaN }, { epoch: 9, e2ee: 1, roster: null }, { epoch: 9, roster: [null] }, { epoch: "9", sealed: {} }];
      for (const each of odd) {
        for (const session of [alice, bob]) await session.meet(each).then(() => session.hear(each));
      }
    },
  };
};
