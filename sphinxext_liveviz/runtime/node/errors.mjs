// Imported first: an error that nobody caught is told without the line of source, which in Pyodide is all of it.

process.on("uncaughtException", (error) => {
  const { message, stack } = error instanceof Error ? error : { message: String(error), stack: "" };
  // Python's errors have their traceback in the message, and what happened in its last line.
  console.error(`Error: ${message.trimEnd().split("\n").at(-1)}\n${message}\n${stack}`);
  process.exit(1);
});
