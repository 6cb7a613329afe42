/** Tones in WAV files: what phones play to each other, and how a test knows which one it hears. */
import { readFileSync, writeFileSync } from 'node:fs';

const RATE = 8000;
const HEADER = 44;

/** Writes a tone, 16-bit mono at 8 kHz. */
export function writeTone(file: string, hz: number, seconds = 30): void {
  const samples = RATE * seconds;
  const wav = Buffer.alloc(HEADER + samples * 2);
  wav.write('RIFF', 0);
  wav.writeUInt32LE(wav.length - 8, 4);
  wav.write('WAVEfmt ', 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20); // PCM
  wav.writeUInt16LE(1, 22); // mono
  wav.writeUInt32LE(RATE, 24);
  wav.writeUInt32LE(RATE * 2, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36);
  wav.writeUInt32LE(samples * 2, 40);
  for (let i = 0; i < samples; i++) wav.writeInt16LE(Math.round(12_000 * Math.sin((2 * Math.PI * hz * i) / RATE)), HEADER + i * 2);
  writeFileSync(file, wav);
}

/** Samples of such a file; a header that its writer never completed is no obstacle. */
export function readSamples(file: string): Int16Array {
  const wav = readFileSync(file);
  const data = wav.indexOf('data');
  const start = data < 0 ? HEADER : data + 8;
  const samples = new Int16Array(Math.max(0, Math.floor((wav.length - start) / 2)));
  for (let i = 0; i < samples.length; i++) samples[i] = wav.readInt16LE(start + i * 2);
  return samples;
}

/** Part of the loudest second's energy that lies at a frequency, 0 to 1. Goertzel's algorithm. */
export function shareOf(hz: number, samples: Int16Array): number {
  let best = 0;
  for (let start = 0; start + RATE <= samples.length; start += RATE / 2) {
    const second = samples.subarray(start, start + RATE);
    const energy = second.reduce((sum, s) => sum + s * s, 0);
    if (energy < RATE * 100 * 100) continue; // next to silence
    const turn = 2 * Math.cos((2 * Math.PI * hz) / RATE);
    let [before, last] = [0, 0];
    for (const sample of second) [before, last] = [last, sample + turn * last - before];
    const power = before * before + last * last - turn * before * last;
    best = Math.max(best, (2 * power) / (energy * second.length));
  }
  return best;
}
