/** What the benchmark needs from the machine: two cores, a big UDP receive buffer, a certificate. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { cpus, release } from 'node:os';
import { join } from 'node:path';
import { pause } from './process.ts';
import type { Certificate } from './subject.ts';

const RMEM_MAX = '/proc/sys/net/core/rmem_max';
const WANTED_RMEM_MAX = 4 << 20;

/** For the head of the report. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly kernel: string;
  readonly node: string;
}

/** The machine the figures belong to. */
export function machine(): Machine {
  return { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, kernel: release(), node: process.version };
}

/** Lets sockets ask for 4 MiB of receive buffer where that is permitted. Returns how to put it back, and a remark for the report. */
export function raiseReceiveBuffer(): { restore: () => void; remark: string | undefined } {
  const before = readFileSync(RMEM_MAX, 'latin1').trim();
  if (Number(before) >= WANTED_RMEM_MAX) return { restore: () => undefined, remark: undefined };
  try {
    writeFileSync(RMEM_MAX, String(WANTED_RMEM_MAX));
    return { restore: () => writeFileSync(RMEM_MAX, before), remark: undefined };
  } catch {
    return {
      restore: () => undefined,
      remark: `net.core.rmem_max is ${before} and may not be raised: UDP receive buffers are smaller than 4 MiB`,
    };
  }
}

/** Waits until no other benchmark runs on this machine: two would measure each other. Resolves to what lets the next one begin. */
export async function takeTurn(note: (text: string) => void): Promise<() => void> {
  for (let waited = false; ; waited = true) {
    const turn = createServer();
    const taken = await new Promise<boolean>((resolve, reject) => {
      turn.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? resolve(false) : reject(error)));
      turn.listen('\0parley-bench', () => resolve(true)); // an abstract socket: gone with the process, however that ends
    });
    if (taken) return () => turn.close();
    if (!waited) note('Another benchmark runs on this machine; waiting for its end.');
    await pause(2000);
  }
}

/** A self-signed RSA certificate (2048 bits) for both servers. */
export function makeCertificate(folder: string): Certificate {
  const certFile = join(folder, 'server.pem');
  const keyFile = join(folder, 'server.key');
  const args = [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    keyFile,
    '-out',
    certFile,
    '-days',
    '30',
    '-subj',
    '/CN=bench.example',
  ];
  execFileSync('openssl', [...args, '-addext', 'subjectAltName=DNS:bench.example,IP:127.0.0.1'], { stdio: 'ignore' });
  return { certFile, keyFile };
}
