/** Offers a file made in the page for download. Its name is made of the words given: "Lag of billing" → lag-of-billing.csv */
export function saveFile(words: string, extension: 'csv' | 'png', content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = `${words.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-|-$/g, '')}.${extension}`;
  link.click();
  URL.revokeObjectURL(url);
}
