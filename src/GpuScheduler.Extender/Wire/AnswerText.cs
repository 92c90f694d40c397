namespace GpuScheduler.Extender.Wire;

/// <summary>
/// The body of an answer before it is sent: pieces of text that are kept and never change, and between them what is written for this call alone. Its
/// length is known before a byte is copied, so all go straight to where they are sent from. Used by one call at a time.
/// </summary>
internal sealed class AnswerText
{
    // Of what is written for this call a piece only says where it begins: the buffer's array changes as it grows.
    private Piece[] _pieces = new Piece[64];
    private int _count;
    private int _ownInPieces;
    private int _piecesLength;

    /// <summary>Takes what is written for this call; it comes behind all that was added before it was written.</summary>
    public PooledBuffer Own { get; } = new();

    /// <summary>Writes over some of the bytes once they have been copied; null for nobody. <see cref="Clear"/> forgets it.</summary>
    public IAnswerPatch? Patch { get; set; }

    /// <summary>How many bytes there are.</summary>
    public int Length => _piecesLength + Own.Length - _ownInPieces;

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        Own.Clear();
        Forget();
    }

    /// <summary>Forgets everything, and gives back the room of very long answers.</summary>
    public void Shrink(int keepAtMostBytes)
    {
        Own.Shrink(keepAtMostBytes);
        Forget();
    }

    /// <summary>Adds text that will not change.</summary>
    public void Add(ReadOnlyMemory<byte> text)
    {
        EndOwn();
        if (!text.IsEmpty) AddPiece(new Piece(text, 0, text.Length));
    }

    /// <summary>Takes back the last byte, if there is one since <paramref name="length"/>: the comma behind the last of a list.</summary>
    public void DropComma(int length)
    {
        if (Length == length) return;
        EndOwn();
        ref var last = ref _pieces[_count - 1];
        last = last with { Length = last.Length - 1 };
        if (last.Length == 0) _count--;
        _piecesLength--;
    }

    /// <summary>Copies it.</summary>
    /// <param name="to">At least <see cref="Length"/> bytes.</param>
    public void CopyTo(Span<byte> to)
    {
        var all = to[..Length];
        foreach (var piece in _pieces.AsSpan(0, _count))
        {
            (piece.Text.IsEmpty ? Own.Written.Slice(piece.OwnStart, piece.Length) : piece.Text.Span[..piece.Length]).CopyTo(to);
            to = to[piece.Length..];
        }

        Own.Written[_ownInPieces..].CopyTo(to);
        Patch?.Apply(all);
    }

    /// <summary>A copy of it.</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[Length];
        CopyTo(bytes);
        return bytes;
    }

    private void Forget()
    {
        // The pieces keep alive what they are pieces of.
        _pieces.AsSpan(0, _count).Clear();
        (_count, _ownInPieces, _piecesLength) = (0, 0, 0);
        Patch = null;
    }

    private void EndOwn()
    {
        if (Own.Length == _ownInPieces) return;
        AddPiece(new Piece(default, _ownInPieces, Own.Length - _ownInPieces));
        _ownInPieces = Own.Length;
    }

    private void AddPiece(Piece piece)
    {
        if (_count == _pieces.Length) Array.Resize(ref _pieces, _count * 2);
        _pieces[_count++] = piece;
        _piecesLength += piece.Length;
    }

    private readonly record struct Piece(ReadOnlyMemory<byte> Text, int OwnStart, int Length);
}

/// <summary>What is of this call alone within text that is kept.</summary>
internal interface IAnswerPatch
{
    /// <summary>Writes it over the copy of a whole answer.</summary>
    void Apply(Span<byte> answer);
}
