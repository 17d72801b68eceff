/** As much of the JavaScript API of WebAssembly as is used; @types/node has none of it. */
interface Api {
  readonly Module: {
    new (bytes: Uint8Array): WasmModule;
    imports(module: WasmModule): readonly { readonly name: string }[];
  };
  readonly Instance: new (
    module: WasmModule,
    imports: Readonly<Record<string, object>>,
  ) => { readonly exports: Readonly<Record<string, unknown>> };
  readonly CompileError: new () => Error;
}

/** Compiled code. */
export type WasmModule = object;

export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  /** @param pages of 64 KiB */
  grow(pages: number): number;
}

export interface WasmGlobal {
  value: number;
}

export const { Module, Instance, CompileError } = (globalThis as unknown as { WebAssembly: Api })
  .WebAssembly;
