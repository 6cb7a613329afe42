/** Socket events without a closure for each socket: with thousands of idle connections the closures would cost more than the rest. */
import type { Socket } from 'node:net';

/** Whoever is told what happens to a socket. */
export interface SocketOwner {
  received(chunk: Buffer): void;
  /** The peer will send no more. */
  ended(): void;
  failed(error: Error): void;
  socketClosed(): void;
}

interface OwnedSocket extends Socket {
  parleyOwner: SocketOwner;
}

/** Lets the owner hear of all that happens to the socket from now on. */
export function own(socket: Socket, owner: SocketOwner): void {
  (socket as OwnedSocket).parleyOwner = owner;
  socket.on('data', onData);
  socket.on('end', onEnd);
  socket.on('error', onError);
  socket.on('close', onClose);
}

function onData(this: Socket, chunk: Buffer): void {
  (this as OwnedSocket).parleyOwner.received(chunk);
}

function onEnd(this: Socket): void {
  (this as OwnedSocket).parleyOwner.ended();
}

function onError(this: Socket, error: Error): void {
  (this as OwnedSocket).parleyOwner.failed(error);
}

function onClose(this: Socket): void {
  (this as OwnedSocket).parleyOwner.socketClosed();
}
