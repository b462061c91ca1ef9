'use client';

import { useEffect } from 'react';

/**
 * Tells libraries that add a style element while a dialog is open (react-style-singleton asks get-nonce, which reads this name) the nonce of
 * this document: without it the Content-Security-Policy refuses their styles. Next put it on its own scripts.
 */
export function useStyleNonce(): void {
  useEffect(() => {
    const nonce = document.querySelector<HTMLScriptElement>('script[nonce]')?.nonce;
    if (nonce) (globalThis as { __webpack_nonce__?: string }).__webpack_nonce__ = nonce;
  }, []);
}
