/** Whether this browser can encrypt calls, as far as can be seen without trying: X25519 is tried when one joins. */
export const canEncrypt = () =>
  Boolean(globalThis.RTCRtpScriptTransform && globalThis.isSecureContext && globalThis.crypto?.subtle);
