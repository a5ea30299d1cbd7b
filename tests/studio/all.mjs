// Runs test files one after the other in one process, so that they share a browser.
for (const file of process.argv.slice(2)) await import(file);
